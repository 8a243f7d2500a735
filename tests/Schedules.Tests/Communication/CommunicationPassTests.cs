using Actors.Schedules.Checking;
using Actors.Schedules.Communication;
using Actors.Schedules.Evaluation;
using Actors.Schedules.Formats;
using Actors.Schedules.Timing;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests.Communication;

public class CommunicationPassTests
{
    [Fact]
    public void A_straight_pipeline_sends_outputs_on_and_gradients_back()
        => Assert.Equal(
            """
            # 1f1b: 2 ranks, 2 stages, 2 micro-batches
            0F0 0SEND_F0 0F1 0SEND_F1 0RECV_B0 0B0 0RECV_B1 0B1
            1RECV_F0 1F0 1B0 1RECV_F1 1SEND_B0 1F1 1B1 1SEND_B1

            """,
            TimetableText.Write(CommunicationPass.Add(ScheduleCatalog.Create("1f1b", new PipelineSize(2, 2)))));

    [Fact]
    public void Between_stages_of_one_rank_nothing_is_sent()
        => Assert.Equal(
            ["0F0 0SEND_F0 3RECV_F0 3F0 3B0 3SEND_B0 0RECV_B0 0B0", "1RECV_F0 1F0 2F0 2SEND_F0 2RECV_B0 2B0 1B0 1SEND_B0"],
            Lines(CommunicationPass.Add(CommunicationTimetables.FromLines("0F0 3F0 3B0 0B0", "1F0 2F0 2B0 1B0"))));

    [Fact]
    public void A_pair_sends_the_results_of_both_its_parts()
    {
        var timetable = CommunicationTimetables.FromLines("0F0 0F1 0B0 0B1", "1F0 (1F1;1B0)OVERLAP_F_B 1B1");
        Assert.Contains("(1F1;1B0)OVERLAP_F_B 1SEND_B0 1B1 1SEND_B1", Lines(CommunicationPass.Add(timetable))[1]);

        var mirrored = Lines(CommunicationPass.Add(ScheduleCatalog.Create("dualpipe", new PipelineSize(4, 8))))[0];
        Assert.Contains("(0F3;3B5)OVERLAP_F_B 0SEND_F3 3SEND_B5 ", mirrored);
        Assert.Contains("(3F6;0B0)OVERLAP_F_B 3B6", mirrored);
    }

    [Fact]
    public void A_forward_only_timetable_sends_outputs_only()
        => Assert.Equal(
            ["0F0 0SEND_F0 0F1 0SEND_F1", "1RECV_F0 1F0 1RECV_F1 1F1"],
            Lines(CommunicationPass.Add(ScheduleCatalog.Create("forward", new PipelineSize(2, 2)))));

    [Fact]
    public void Every_schedule_of_the_catalog_plays_over_blocking_and_buffered_links()
    {
        foreach (var timetable in CommunicationTimetables.Catalog)
        {
            AssertPlays(CommunicationPass.Add(timetable));
        }
    }

    [Fact]
    public void Any_right_timetable_plays_over_blocking_and_buffered_links()
        => Prop.ForAll(CommunicationTimetables.All.ToArbitrary(), AssertPlays).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_result_that_changes_ranks_is_sent_once_and_received_once()
        => Prop.ForAll(CommunicationTimetables.All.ToArbitrary(), timetable =>
        {
            var expected = new List<string>();
            for (var microBatch = 0; microBatch < timetable.MicroBatches; microBatch++)
            {
                for (var stage = 0; stage < timetable.Stages - 1; stage++)
                {
                    var (from, to) = (timetable.Placement.RankOf(stage, microBatch), timetable.Placement.RankOf(stage + 1, microBatch));
                    if (from != to)
                    {
                        string[] back = [$"{to}:{stage + 1}SEND_B{microBatch}", $"{from}:{stage}RECV_B{microBatch}"];
                        expected.AddRange([$"{from}:{stage}SEND_F{microBatch}", $"{to}:{stage + 1}RECV_F{microBatch}"]);
                        expected.AddRange(timetable.ForwardOnly ? [] : back);
                    }
                }
            }

            var found = Enumerable.Range(0, timetable.Ranks).SelectMany(
                rank => timetable.ActionsOf(rank).Where(action => action.IsCommunication).Select(action => $"{rank}:{action}"));
            Assert.Equal(expected.Order(), found.Order());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_send_stands_between_its_computation_and_the_next_one()
        => Prop.ForAll(CommunicationTimetables.All.ToArbitrary(), timetable =>
        {
            for (var rank = 0; rank < timetable.Ranks; rank++)
            {
                var computation = default(StageAction);
                foreach (var action in timetable.ActionsOf(rank))
                {
                    computation = action.IsCommunication ? computation : action;
                    Assert.True(action.Kind is not (ActionKind.SendForward or ActionKind.SendBackward) || Computes(computation, action));
                }
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Taking_communication_away_gives_the_same_computations_and_adding_it_again_the_same_timetable()
        => Prop.ForAll(CommunicationTimetables.Computations.ToArbitrary(), timetable =>
        {
            var added = CommunicationPass.Add(timetable);
            Assert.True(CommunicationPass.Remove(added).HasSameActionsAs(timetable));
            Assert.True(CommunicationPass.Add(added).HasSameActionsAs(added));
            Assert.Same(timetable, CommunicationPass.Remove(timetable));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("1f1b", 8, 24)]
    [InlineData("dualpipe", 4, 8)]
    [InlineData("dualpipe", 8, 20)]
    [InlineData("dualpipe", 16, 64)]
    public void Blocking_links_cost_these_schedules_no_time_at_the_costs_of_the_clock(string name, int ranks, int microBatches)
    {
        var timetable = ScheduleCatalog.Create(name, new PipelineSize(ranks, microBatches));
        var free = TimetableSimulator.Simulate(timetable, ActionCosts.Balanced).StepTime;

        Assert.Equal(free, LinkPlayer.Play(CommunicationPass.Add(timetable), capacity: 0));
    }

    [Fact]
    public void A_timetable_with_communication_is_simulated_laid_out_and_held_like_the_one_without()
    {
        var timetable = ScheduleCatalog.Create("dualpipe", new PipelineSize(4, 8));
        var added = CommunicationPass.Add(timetable);

        var plain = TimetableSimulator.Simulate(timetable, ActionCosts.Balanced);
        Assert.Equal(plain.ToTimedActions(), TimetableSimulator.Simulate(added, ActionCosts.Balanced).ToTimedActions());
        Assert.Equal(TimeGrid.Of(timetable).RowOf(1).ToArray(), TimeGrid.Of(added).RowOf(1).ToArray());
        Assert.Equal(TimetableChecker.Check(timetable).PeakActivations.ToArray(), TimetableChecker.Check(added).PeakActivations.ToArray());
        Assert.Equal(TimetableMemory.Of(timetable).ToArray(), TimetableMemory.Of(added).ToArray());
        Assert.Equal(TimetableChecker.Check(timetable).WeightOrder, TimetableChecker.Check(added).WeightOrder);
    }

    [Fact]
    public void A_timetable_that_breaks_a_rule_is_refused_with_the_first_fault()
    {
        var wrong = CommunicationTimetables.FromLines("0F0 0B0 0F1 0B1", "1F0 1F1 1B0 1B1");
        var error = Assert.Throws<ArgumentException>(() => CommunicationPass.Add(wrong));
        Assert.StartsWith(
            "only a right timetable can get sends and receives, but in this one rank 0 position 1: 0B0 waits for", error.Message);
    }

    [Fact]
    public void Sixteen_ranks_by_120_micro_batches_get_their_communication_and_are_checked()
    {
        var timetable = ScheduleCatalog.Create("dualpipe", new PipelineSize(16, 120));

        Assert.True(TimetableChecker.Check(CommunicationPass.Add(timetable)).IsValid);
    }

    private static void AssertPlays(Timetable timetable)
    {
        for (var capacity = 0; capacity < 3; capacity++)
        {
            Assert.Empty(TimetableChecker.Check(timetable, capacity).Violations);
            Assert.True(LinkPlayer.Succeeds(timetable, capacity));
        }
    }

    private static bool Computes(StageAction computation, StageAction send)
    {
        StageAction[] parts = computation.IsPair ? [computation.ForwardPart, computation.BackwardPart] : [computation];
        return parts.Any(part => part.Stage == send.Stage && part.MicroBatch == send.MicroBatch
            && (part.Kind == ActionKind.Forward) == (send.Kind == ActionKind.SendForward) && part.Kind != ActionKind.BackwardWeights);
    }

    private static string[] Lines(Timetable timetable) => TimetableText.Write(timetable).Split('\n')[1..^1];
}
