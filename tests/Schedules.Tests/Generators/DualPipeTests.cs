using Actors.Schedules.Checking;

namespace Actors.Schedules.Tests.Generators;

public class DualPipeTests
{
    [Fact]
    public void Eight_ranks_and_twenty_micro_batches_give_the_published_order()
    {
        // The snapshot was written by running the published step order of deepseek-ai/DualPipe with its computation stubbed.
        var expected = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Snapshots", "dualpipe-8x20.txt"));
        var timetable = ScheduleCatalog.DualPipe.Create(new PipelineSize(8, 20));

        Assert.Equal(8, expected.Length);
        for (var rank = 0; rank < 8; rank++)
        {
            Assert.Equal(expected[rank], string.Join(' ', timetable.ActionsOf(rank)));
        }
    }

    [Fact]
    public void Every_size_follows_the_step_table_and_passes_the_checker()
    {
        for (var ranks = 2; ranks <= 16; ranks += 2)
        {
            for (var microBatches = 2 * ranks; microBatches <= 64; microBatches += 2)
            {
                var timetable = ScheduleCatalog.DualPipe.Create(new PipelineSize(ranks, microBatches));
                for (var rank = 0; rank < ranks; rank++)
                {
                    var shapes = timetable.ActionsOf(rank).Select(action => DualPipeTable.ShapeOf(action, rank, ranks));
                    Assert.Equal(DualPipeTable.ShapesOf(rank, ranks, microBatches), shapes);
                }

                var report = TimetableChecker.Check(timetable);
                Assert.Empty(report.Violations);
                Assert.All(report.PeakActivations, peak => Assert.InRange(peak, 1, ranks + 1));
                Assert.Contains(ranks + 1, report.PeakActivations);
            }
        }
    }

    [Theory]
    [InlineData(2, 4)]
    [InlineData(4, 10)]
    [InlineData(8, 20)]
    [InlineData(16, 120)]
    public void Only_the_two_middle_ranks_play_their_first_pair_apart(int ranks, int microBatches)
    {
        var timetable = ScheduleCatalog.DualPipe.Create(new PipelineSize(ranks, microBatches));
        for (var rank = 0; rank < ranks; rank++)
        {
            var actions = timetable.ActionsOf(rank);
            var firstBackward = actions.First(action => action.Kind is ActionKind.Pair or ActionKind.Backward);
            var isMiddle = rank == ranks / 2 - 1 || rank == ranks / 2;
            Assert.Equal(isMiddle ? ActionKind.Backward : ActionKind.Pair, firstBackward.Kind);
        }
    }

    [Fact]
    public void Each_stage_lives_on_two_mirrored_ranks_and_a_micro_batch_chooses_between_them()
    {
        var placement = ScheduleCatalog.DualPipe.Create(new PipelineSize(8, 20)).Placement;

        Assert.Equal(2, placement.Directions);
        Assert.Equal<int>([2, 5], placement.StagesOf(2));
        Assert.Equal<int>([2, 5], placement.HoldersOf(2));
        Assert.Equal(2, placement.RankOf(stage: 2, microBatch: 9));
        Assert.Equal(5, placement.RankOf(stage: 2, microBatch: 10));
        Assert.Equal(0, placement.RankOf(stage: 0, microBatch: 0));
        Assert.Equal(7, placement.RankOf(stage: 0, microBatch: 19));
    }

    [Theory]
    [InlineData(7, 20, "use 6 or 8")]
    [InlineData(0, 20, "use 2")]
    [InlineData(1, 20, "use 2")]
    [InlineData(8, 14, "use 16")]
    [InlineData(8, 17, "use 16 or 18")]
    [InlineData(8, -3, "use 16")]
    public void A_size_without_a_schedule_is_refused_with_the_nearest_valid_value(int ranks, int microBatches, string mend)
    {
        var size = new PipelineSize(ranks, microBatches);
        var refusal = ScheduleCatalog.DualPipe.Refuse(size)?.Rule;

        Assert.EndsWith(mend, refusal);
        Assert.Equal(refusal, Assert.Throws<ArgumentException>(() => ScheduleCatalog.DualPipe.Create(size)).Message);
    }
}
