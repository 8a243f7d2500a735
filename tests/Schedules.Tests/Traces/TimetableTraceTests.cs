using System.Text;
using System.Text.Json;
using Actors.Schedules.Timing;
using Actors.Schedules.Traces;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests.Traces;

public class TimetableTraceTests
{
    private static readonly Gen<double> Time = Gen.Choose(1, 3000).Select(n => n / 300.0);

    private static readonly Gen<StageCosts> Stage =
        from forward in Time
        from input in Time
        from weights in Time
        from gain in Gen.Choose(0, 4)
        select new StageCosts(forward, input, weights).WithPairGain(0.1 * gain);

    /// <summary>A schedule that trains, in a size in which each stage plays F and a backward alone, with costs.</summary>
    private static readonly Gen<SimulatedRun> AnyRun =
        from schedule in Gen.Elements(ScheduleCatalog.All.Where(schedule => schedule != ScheduleCatalog.ForwardOnly).ToArray())
        from ranks in Gen.Elements(2, 4, 6)
        from rounds in Gen.Choose(2, 3)
        let timetable = schedule.Create(new PipelineSize(ranks, ranks * rounds))
        from stages in Stage.ListOf(HasPairs(timetable) ? 1 : timetable.Stages)
        from latency in Gen.Choose(0, 3)
        select TimetableSimulator.Simulate(timetable, new StepCosts([.. stages]) { Link = new LinkCosts(latency / 7.0) });

    [Fact]
    public void The_costs_that_went_into_a_run_come_out_of_its_trace() => Prop.ForAll(AnyRun.ToArbitrary(), run =>
    {
        var measured = TraceCosts.Read(Encoding.UTF8.GetBytes(TimetableTrace.Write(run)));

        Assert.Equal(run.Timetable.Stages, measured.Stages.Length);
        Assert.Equal(run.Costs.Link.Latency, measured.Latency, 9);
        for (var stage = 0; stage < measured.Stages.Length; stage++)
        {
            var (expected, actual) = (run.Costs.OfStage(stage), measured.Stages[stage]);
            Assert.Equal(expected.Forward, actual.Forward, 9);
            Assert.Equal(expected.BackwardInput, actual.BackwardInput, 9);
            Assert.Equal(expected.BackwardWeights, actual.BackwardWeights, 9);
            Assert.Equal(expected.Backward, actual.Backward, 9);
            Assert.Equal(HasPairs(run.Timetable) ? expected.Pair : expected.Forward + expected.Backward, actual.Pair, 9);
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_rank_has_a_row_with_its_actions_in_order()
    {
        var run = RunOf("dualpipe", 4, 8, new ActionCosts(1, 1, 1, pair: 2.5));
        var events = EventsOf(TimetableTrace.Write(run));
        for (var rank = 0; rank < 4; rank++)
        {
            var row = events.Where(e => Text(e, "cat") == "action" && Number(e, "tid") == rank).ToList();
            Assert.Equal(run.Timetable.ActionsOf(rank).Select(action => action.ToString()), row.Select(e => Text(e, "name")));
            Assert.Equal(Enumerable.Range(0, row.Count).Select(at => 1000 * run.StartOf(rank, at)), row.Select(e => Number(e, "ts")));
        }

        Assert.Equal(
            ["rank 0", "rank 1", "rank 2", "rank 3"],
            events.Where(e => Text(e, "name") == "thread_name").Select(e => Text(e.GetProperty("args"), "name")));
    }

    [Fact]
    public void An_action_names_kind_stage_micro_batch_and_chunk()
    {
        var events = EventsOf(TimetableTrace.Write(RunOf("dualpipev", 2, 4, ActionCosts.Balanced)));
        var pair = events.First(e => Text(e, "cat") == "action" && Text(e, "name").StartsWith('(')).GetProperty("args");
        var last = events.First(e => Text(e, "name") == "3F0").GetProperty("args");

        Assert.Equal(("Pair", "Forward"), (Text(pair, "kind"), Text(last, "kind")));
        Assert.Equal((3, 0, 1), (Number(last, "stage"), Number(last, "microBatch"), Number(last, "chunk")));
        var action = StageAction.Parse(Text(pair, "action"));
        Assert.Equal((action.Stage, action.MicroBatch), (Number(pair, "stage"), Number(pair, "microBatch")));
        Assert.Equal(action.BackwardPart.Stage, Number(pair, "backwardStage"));
        Assert.Equal(action.BackwardPart.MicroBatch, Number(pair, "backwardMicroBatch"));
        Assert.NotEqual(Number(pair, "chunk"), Number(pair, "backwardChunk"));
    }

    [Fact]
    public void An_arrow_goes_from_each_result_to_the_action_on_another_rank_that_uses_it()
    {
        var run = RunOf("1f1b", 4, 6, new ActionCosts(1, 1, 1, sendLatency: 0.25));
        var events = EventsOf(TimetableTrace.Write(run));
        var starts = events.Where(e => Text(e, "ph") == "s").ToDictionary(e => Number(e, "id"));
        var ends = events.Where(e => Text(e, "ph") == "f").ToList();

        // Each micro-batch crosses three links forwards and three backwards.
        Assert.Equal(6 * 6, ends.Count);
        Assert.Equal(ends.Count, starts.Count);
        foreach (var end in ends)
        {
            var start = starts[Number(end, "id")];
            var source = ActionAt(start);
            var target = ActionAt(end);
            var (from, to) = (StageAction.Parse(Text(source, "name")), StageAction.Parse(Text(target, "name")));
            Assert.Equal(from.MicroBatch, to.MicroBatch);
            Assert.Equal(from.Kind, to.Kind);
            Assert.Equal(from.Kind == ActionKind.Forward ? from.Stage + 1 : from.Stage - 1, to.Stage);
            Assert.True(Number(source, "ts") + Number(source, "dur") + 250 <= Number(target, "ts") + 1e-6);
        }

        JsonElement ActionAt(JsonElement arrow) => events.Single(e => Text(e, "cat") == "action"
            && Number(e, "tid") == Number(arrow, "tid")
            && Number(e, "ts") <= Number(arrow, "ts") && Number(arrow, "ts") < Number(e, "ts") + Number(e, "dur"));
    }

    [Fact]
    public void A_link_with_a_bandwidth_has_a_row_of_its_transfers_one_after_the_other()
    {
        var costs = new StepCosts(new StageCosts(1, 1, 1)) { Link = new LinkCosts(0.1, bandwidth: 4), ActivationBytes = 2, GradientBytes = 6 };
        var run = TimetableSimulator.Simulate(ScheduleCatalog.Create("gpipe", new PipelineSize(3, 5)), costs);
        var events = EventsOf(TimetableTrace.Write(run));
        var links = events.Where(e => Text(e, "cat") == "transfer" && Text(e, "ph") == "X").GroupBy(e => Number(e, "tid")).ToList();

        Assert.Equal(4, links.Count);
        foreach (var link in links)
        {
            Assert.Equal(5, link.Count());
            var free = 0.0;
            foreach (var transfer in link.OrderBy(e => Number(e, "ts")))
            {
                Assert.Equal(Text(transfer, "name").Contains('F') ? 500 : 1500, Number(transfer, "dur"), 6);
                Assert.InRange(Number(transfer, "ts"), free - 1e-6, double.MaxValue);
                free = Number(transfer, "ts") + Number(transfer, "dur");
            }
        }

        Assert.Single(events, e => Text(e, "name") == "process_name" && Text(e.GetProperty("args"), "name") == "links");
        Assert.DoesNotContain(
            EventsOf(TimetableTrace.Write(RunOf("gpipe", 3, 5, new ActionCosts(1, 1, 1, sendLatency: 1)))),
            e => Text(e, "cat") == "transfer" && Text(e, "ph") == "X");
    }

    [Fact]
    public void A_unit_may_be_another_than_a_millisecond()
    {
        var run = RunOf("1f1b", 2, 2, ActionCosts.Balanced);
        var first = EventsOf(TimetableTrace.Write(run, millisecondsPerUnit: 0.001)).First(e => Text(e, "cat") == "action");
        Assert.Equal(1, Number(first, "dur"));
        Assert.Throws<ArgumentOutOfRangeException>(() => TimetableTrace.Write(run, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => TimetableTrace.Write(run, double.NaN));
    }

    private static SimulatedRun RunOf(string schedule, int ranks, int microBatches, ActionCosts costs)
        => TimetableSimulator.Simulate(ScheduleCatalog.Create(schedule, new PipelineSize(ranks, microBatches)), costs);

    private static bool HasPairs(Timetable timetable)
        => Enumerable.Range(0, timetable.Ranks).Any(rank => timetable.ActionsOf(rank).Any(action => action.IsPair));

    private static List<JsonElement> EventsOf(string trace)
        => [.. JsonDocument.Parse(trace).RootElement.GetProperty("traceEvents").EnumerateArray()];

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString()! : "";

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();
}
