using System.Collections.Immutable;
using Actors.Schedules.Checking;
using Actors.Schedules.Communication;
using Actors.Schedules.Tests.Communication;
using FsCheck;
using FsCheck.Fluent;
using static Actors.Schedules.Tests.Communication.CommunicationTimetables;

namespace Actors.Schedules.Tests.Checking;

public class TransferCheckTests
{
    private static readonly string[] TwoRanks =
    [
        "0F0 0SEND_F0 0F1 0SEND_F1 0RECV_B0 0B0 0RECV_B1 0B1",
        "1RECV_F0 1F0 1RECV_F1 1F1 1B0 1SEND_B0 1B1 1SEND_B1",
    ];

    [Fact]
    public void Matching_sends_and_receives_pass() => Assert.Empty(Violations(TwoRanks));

    [Fact]
    public void Ranks_that_both_send_first_block_each_other_but_not_over_buffered_links()
    {
        var timetable = FromLines(
            "0F0 0SEND_F0 0F1 0SEND_F1 0RECV_B0 0B0 0RECV_B1 0B1",
            "1RECV_F0 1F0 1B0 1SEND_B0 1RECV_F1 1F1 1B1 1SEND_B1");

        Assert.Equal(
            [
                "rank 0 position 3: 0SEND_F1 waits for rank 1 to receive it, but that rank waits at position 3 with 1SEND_B0 [NoDeadlock]",
                "rank 1 position 3: 1SEND_B0 waits for rank 0 to receive it, but that rank waits at position 3 with 0SEND_F1 [NoDeadlock]",
            ],
            Lines(TimetableChecker.Check(timetable)));
        Assert.Empty(TimetableChecker.Check(timetable, linkCapacity: 1).Violations);
    }

    [Fact]
    public void A_link_that_is_too_small_blocks_and_a_larger_one_does_not()
    {
        var timetable = FromLines(
            "0F0 0SEND_F0 0F1 0SEND_F1 0F2 0SEND_F2 0F3 0SEND_F3 0RECV_B0 0B0 0RECV_B1 0B1 0RECV_B2 0B2 0RECV_B3 0B3",
            "1RECV_F0 1F0 1B0 1SEND_B0 1RECV_F1 1F1 1B1 1SEND_B1 1RECV_F2 1F2 1B2 1SEND_B2 1RECV_F3 1F3 1B3 1SEND_B3");

        Assert.Equal(
            "rank 0 position 3: 0SEND_F1 waits for rank 1 to receive it, but that rank waits at position 3 with 1SEND_B0 [NoDeadlock]",
            Lines(TimetableChecker.Check(timetable))[0]);
        Assert.Equal(
            [
                "rank 0 position 7: 0SEND_F3 waits for room in the link to rank 1, which holds 1, but that rank waits at position 7 with "
                + "1SEND_B1 [NoDeadlock]",
                "rank 1 position 7: 1SEND_B1 waits for room in the link to rank 0, which holds 1, but that rank waits at position 7 with "
                + "0SEND_F3 [NoDeadlock]",
            ],
            Lines(TimetableChecker.Check(timetable, linkCapacity: 1)));
        Assert.Empty(TimetableChecker.Check(timetable, linkCapacity: 2).Violations);
    }

    [Fact]
    public void Ranks_that_both_receive_first_block_each_other_over_any_link()
    {
        var timetable = FromLines(
            "0F0 0SEND_F0 0RECV_B0 0F1 0SEND_F1 0B0 0RECV_B1 0B1",
            "1RECV_F0 1F0 1RECV_F1 1B0 1SEND_B0 1F1 1B1 1SEND_B1");

        Assert.Equal(
            [
                "rank 0 position 2: 0RECV_B0 waits for rank 1 to send, but that rank waits at position 2 with 1RECV_F1 [NoDeadlock]",
                "rank 1 position 2: 1RECV_F1 waits for rank 0 to send, but that rank waits at position 2 with 0RECV_B0 [NoDeadlock]",
            ],
            Lines(TimetableChecker.Check(timetable, linkCapacity: 8)));
    }

    [Fact]
    public void A_missing_send_and_a_missing_receive_are_named()
    {
        Assert.Equal(["rank 0: 0SEND_F1 is missing: rank 1 needs it [Complete]"], Violations(Without(0, "0SEND_F1")));
        Assert.Equal(["rank 0: 0RECV_B1 is missing: it comes from rank 1 [Complete]"], Violations(Without(0, "0RECV_B1")));
    }

    [Fact]
    public void A_second_send_or_receive_is_named_with_the_first()
        => Assert.Equal(
            ["rank 0 position 2: 0SEND_F0 happens already at rank 0 position 1 [Once]"],
            Violations(With(0, "0SEND_F0", "0SEND_F0 0SEND_F0")));

    [Fact]
    public void Exchanged_receives_are_named_with_what_they_get()
        => Assert.Equal(
            [
                "rank 1 position 0: 1RECV_F1 gets what 0SEND_F0 of rank 0 position 1 sends: "
                + "receive in the order of sending [ReceivedInOrder]",
            ],
            Violations([TwoRanks[0], "1RECV_F1 1RECV_F0 1F0 1F1 1B0 1SEND_B0 1B1 1SEND_B1"]));

    [Fact]
    public void A_send_before_its_computation_is_named()
        => Assert.Equal(
            ["rank 0 position 0: 0SEND_F0 needs 0F0, which comes only at position 1 [AfterItsInputs]"],
            Violations(With(0, "0F0 0SEND_F0", "0SEND_F0 0F0")));

    [Fact]
    public void A_computation_before_its_receive_is_named()
    {
        Assert.Equal(
            ["rank 1 position 2: 1F1 needs 1RECV_F1, which comes only at position 3 [AfterItsInputs]"],
            Violations(With(1, "1RECV_F1 1F1", "1F1 1RECV_F1")));
        Assert.Equal(
            ["rank 0 position 4: 0B0 needs 0RECV_B0, which comes only at position 5 [AfterItsInputs]"],
            Violations(With(0, "0RECV_B0 0B0", "0B0 0RECV_B0")));
    }

    [Fact]
    public void A_transfer_within_a_rank_is_named()
        => Assert.Equal(
            [
                "rank 0 position 1: 0SEND_F0 stays on rank 0, which holds stages 0 and 1: leave it out [BetweenRanks]",
                "rank 0 position 2: 1RECV_F0 stays on rank 0, which holds stages 0 and 1: leave it out [BetweenRanks]",
            ],
            Violations(["0F0 0SEND_F0 1RECV_F0 1F0 1B0 0B0"]));

    [Fact]
    public void A_transfer_beyond_the_ends_of_the_pipeline_is_named()
        => Assert.Equal(
            [
                "rank 0 position 0: 0RECV_F0 has no other side: stages go from 0 to 1 [BetweenRanks]",
                "rank 1 position 8: 1SEND_F0 has no other side: stages go from 0 to 1 [BetweenRanks]",
            ],
            Violations(["0RECV_F0 " + TwoRanks[0], TwoRanks[1] + " 1SEND_F0"]));

    [Fact]
    public void A_transfer_on_the_wrong_rank_or_outside_the_timetable_is_named()
        => Assert.Equal(
            [
                "rank 0 position 8: 1SEND_B0 belongs to rank 1, which holds stage 1 for micro-batch 0 [HeldByRank]",
                "rank 0 position 9: 0SEND_F7 is outside the timetable: stages go to 1, micro-batches to 1 [InRange]",
            ],
            Violations([TwoRanks[0] + " 1SEND_B0 0SEND_F7", TwoRanks[1]]));

    [Fact]
    public void A_gradient_in_a_forward_only_timetable_is_named()
    {
        var forward = CommunicationPass.Add(ScheduleCatalog.Create("forward", new PipelineSize(2, 1)));
        var report = TimetableChecker.Check(Edit(forward, 1, list => list.Add(StageAction.SendBackward(1, 0))));
        Assert.Contains("rank 1 position 2: 1SEND_B0 is a backward in a forward-only timetable [ForwardOnly]", Lines(report));
    }

    [Fact]
    public void Faults_of_computations_are_named_at_their_positions_among_sends_and_receives()
    {
        var lines = Violations(TwoRanks[0], "1RECV_F0 1B0 1F0 1SEND_B0 1RECV_F1 1F1 1B1 1SEND_B1");
        Assert.Equal("rank 1 position 1: 1B0 needs 1F0, which comes only at position 2 [AfterItsInputs]", lines[1]);
        Assert.StartsWith("rank 0 position 5: 0B0 waits for 1B0 at rank 1 position 1, but that rank waits at position 1 with 1B0", lines[0]);
    }

    [Fact]
    public void Any_dropped_or_doubled_action_of_any_schedule_is_caught()
    {
        foreach (var schedule in ScheduleCatalog.All)
        {
            var sound = Catalog.First(timetable => timetable.Schedule == schedule.Name && timetable is { Ranks: 4, MicroBatches: >= 4 });
            var added = CommunicationPass.Add(sound);
            for (var rank = 0; rank < added.Ranks; rank++)
            {
                for (var position = 0; position < added.ActionsOf(rank).Length; position++)
                {
                    Assert.Contains(RulesOf(Edit(added, rank, list => list.RemoveAt(position))), rule => rule == ScheduleRule.Complete);
                    Assert.Contains(
                        RulesOf(Edit(added, rank, list => list.Insert(position, list[position]))), rule => rule == ScheduleRule.Once);
                }
            }
        }
    }

    [Fact]
    public void Exchanged_receives_of_a_link_are_caught_in_any_schedule()
        => Prop.ForAll(All.ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (timetable, seed) =>
        {
            var rank = seed % timetable.Ranks;
            var list = timetable.ActionsOf(rank);
            var receives = Enumerable.Range(0, list.Length)
                .Where(i => list[i].Kind == ActionKind.ReceiveForward)
                .GroupBy(i => timetable.Placement.RankOf(list[i].Stage - 1, list[i].MicroBatch))
                .FirstOrDefault(link => link.Count() > 1)?.ToArray();
            if (receives is not null)
            {
                var exchanged = Edit(timetable, rank, _ => Swap(list, receives[0], receives[^1]));
                Assert.Contains(RulesOf(exchanged), rule => rule == ScheduleRule.ReceivedInOrder);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_verdict_on_any_damaged_timetable_is_that_of_a_plain_play()
    {
        var (right, wrong) = (0, 0);
        var seeds = Gen.Choose(0, int.MaxValue).ToArbitrary();
        Prop.ForAll(All.ToArbitrary(), seeds, Gen.Choose(0, 2).ToArbitrary(), (timetable, seed, capacity) =>
        {
            var damaged = Damage(timetable, new System.Random(seed));
            var isRight = LinkPlayer.Succeeds(damaged, capacity);
            Assert.Equal(isRight, TimetableChecker.Check(damaged, capacity).IsValid);
            right += isRight ? 1 : 0;
            wrong += isRight ? 0 : 1;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(600));

        // Both verdicts have to occur often, or the property says little.
        Assert.True(right > 60 && wrong > 60, $"{right} right, {wrong} wrong");
    }

    private static Timetable Damage(Timetable timetable, System.Random random)
    {
        for (var turn = random.Next(3); turn >= 0; turn--)
        {
            timetable = Edit(timetable, random.Next(timetable.Ranks), list => Damage(list, random));
        }

        return timetable;
    }

    private static ImmutableArray<StageAction> Damage(ImmutableArray<StageAction> list, System.Random random)
    {
        if (list.Length < 2)
        {
            return list;
        }

        var position = random.Next(list.Length - 1);
        return random.Next(8) switch
        {
            0 => list.RemoveAt(position),
            1 => list.Insert(random.Next(list.Length), list[position]),
            2 => Swap(list, position, random.Next(list.Length)),
            3 => list.RemoveAt(position).Insert(random.Next(list.Length), list[position]),
            _ => Swap(list, position, position + 1),
        };
    }

    private static ImmutableArray<StageAction> Swap(ImmutableArray<StageAction> list, int a, int b)
        => list.SetItem(a, list[b]).SetItem(b, list[a]);

    private static string[] Without(int rank, string action) => With(rank, action + " ", "");

    private static string[] With(int rank, string old, string replacement)
    {
        var lines = TwoRanks.ToArray();
        lines[rank] = (lines[rank] + " ").Replace(old, replacement, StringComparison.Ordinal).Trim();
        return lines;
    }

    private static string[] Violations(params string[] lines) => Lines(TimetableChecker.Check(FromLines(lines)));

    private static IEnumerable<ScheduleRule> RulesOf(Timetable timetable)
        => TimetableChecker.Check(timetable).Violations.Select(violation => violation.Rule);

    private static string[] Lines(TimetableReport report) => [.. report.Violations.Select(violation => violation.ToString())];
}
