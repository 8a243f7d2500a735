using Actors.Schedules.Checking;
using Actors.Schedules.Evaluation;
using Actors.Schedules.Formats;
using Actors.Schedules.Tests.Timing;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests.Evaluation;

public class TimetableMemoryTests
{
    [Fact]
    public void Chunks_are_held_from_their_forward_to_the_end_of_their_backward()
    {
        // Rank 0 holds 0F0, 0F1 and, as 0W0 comes late, 0F2; rank 1 one at a time.
        var timetable = TimetableText.Parse("0F0 0F1 0I0 0F2 0W0 0B1 0B2\n1F0 1B0 1F1 1B1 1F2 1B2\n");
        var memory = TimetableMemory.Of(timetable, new MemoryCosts { Activations = [2, 5], Parameters = [10, 7] });

        Assert.Equal(new RankMemory(3, 6, 1, 10), memory[0]);
        Assert.Equal(new RankMemory(1, 5, 1, 7), memory[1]);
    }

    [Fact]
    public void A_backward_for_input_frees_what_the_weights_do_not_need()
    {
        var timetable = TimetableText.Parse("0F0 0F1 0I0 0F2 0W0 0B1 0B2\n1F0 1B0 1F1 1B1 1F2 1B2\n");
        var memory = TimetableMemory.Of(timetable, new MemoryCosts { KeptForWeights = 0.25 });

        Assert.Equal(2.25, memory[0].PeakActivations);
        Assert.Equal(3, memory[0].PeakChunks);
    }

    [Fact]
    public void Most_memory_need_not_be_most_chunks()
    {
        var timetable = TimetableText.Parse("0F0 0F1 1F0 1B0 1F1 1B1 0B0 0B1\n");
        var memory = TimetableMemory.Of(timetable, new MemoryCosts { Activations = [1, 10], Parameters = [3, 4] });

        Assert.Equal(new RankMemory(3, 12, 2, 7), memory[0]);
    }

    [Fact]
    public void Both_chunks_of_a_pair_count()
    {
        var memory = TimetableMemory.Of(TimetableText.Parse("0F0 (0F1;0B0)OVERLAP_F_B 0B1\n"));
        Assert.Equal(2, memory[0].PeakChunks);
    }

    [Fact]
    public void Chunks_are_counted_as_the_checker_counts_them()
        => Prop.ForAll(Gen.OneOf(ActionGenerators.Timetable, RandomTimetables.Timetable).ToArbitrary(), timetable =>
                TimetableMemory.Of(timetable).Select(rank => rank.PeakChunks).SequenceEqual(TimetableChecker.Check(timetable).PeakActivations))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Weighted_activations_are_those_of_the_chunks_held_at_each_moment()
    {
        var any =
            from timetable in RandomTimetables.Timetable
            from activations in Gen.Choose(0, 100).Select(n => n / 7.0).ListOf(timetable.Stages)
            from kept in Gen.Choose(0, 8).Select(n => n / 8.0)
            select (timetable, costs: new MemoryCosts { Activations = [.. activations], KeptForWeights = kept });
        Prop.ForAll(any.ToArbitrary(), run =>
            {
                var memory = TimetableMemory.Of(run.timetable, run.costs);
                return Enumerable.Range(0, run.timetable.Ranks)
                    .All(rank => Math.Abs(memory[rank].PeakActivations - NaivePeak(run.timetable, rank, run.costs)) < 1e-9);
            })
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_forward_only_timetable_holds_nothing()
        => Assert.All(
            TimetableMemory.Of(ScheduleCatalog.Create("forward", new PipelineSize(4, 8))), rank => Assert.Equal(0, rank.PeakChunks));

    [Fact]
    public void DualPipe_holds_two_stages_a_rank()
        => Assert.All(
            TimetableMemory.Of(ScheduleCatalog.Create("dualpipe", new PipelineSize(8, 20))),
            rank => Assert.Equal((2, 2), (rank.Stages, rank.Parameters)));

    [Fact]
    public void Memory_of_another_number_of_stages_or_below_0_is_refused()
    {
        var timetable = ScheduleCatalog.Create("1f1b", new PipelineSize(4, 4));
        var error = Assert.Throws<ArgumentException>(() => TimetableMemory.Of(timetable, new MemoryCosts { Activations = [1, 2] }));
        Assert.Equal("the timetable has 4 stages, and memory of 2 is given: give as many", error.Message);
        Assert.Throws<ArgumentException>(() => new MemoryCosts { Parameters = [-1] });
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryCosts { KeptForWeights = 1.1 });
    }

    // The sum over the chunks held after each forward, in the plainest way.
    private static double NaivePeak(Timetable timetable, int rank, MemoryCosts costs)
    {
        var held = new Dictionary<(int Stage, int MicroBatch), double>();
        var peak = 0.0;
        foreach (var part in timetable.ActionsOf(rank).SelectMany(a => a.IsPair ? [a.ForwardPart, a.BackwardPart] : new[] { a }))
        {
            var chunk = (part.Stage, part.MicroBatch);
            var whole = costs.Activations[part.Stage];
            switch (part.Kind)
            {
                case ActionKind.Forward:
                    held[chunk] = whole;
                    break;
                case ActionKind.BackwardInput:
                    held[chunk] = whole * costs.KeptForWeights;
                    break;
                default:
                    held.Remove(chunk);
                    break;
            }

            peak = Math.Max(peak, held.Values.Sum());
        }

        return peak;
    }
}
