using System.Globalization;
using System.Text;
using System.Text.Json;
using Actors.Schedules.Timing;
using Actors.Schedules.Traces;

namespace Actors.Schedules.Tests.Traces;

public class TraceCostsTests
{
    private static readonly StageCosts Light = new(2, 3, 1.5, pair: 5);

    private static readonly StageCosts Heavy = new(4, 6, 2, pair: 10);

    [Fact]
    public void The_costs_of_a_simulated_run_come_back_from_its_trace()
    {
        var costs = new StepCosts([Light, Heavy, Heavy, Light]) { Link = new LinkCosts(0.25) };
        var run = TimetableSimulator.Simulate(ScheduleCatalog.Create("dualpipe", new PipelineSize(4, 10)), costs);
        var measured = TraceCosts.Read(TraceOf(run, steps: 3));

        Assert.Equal(2, measured.Steps);
        Assert.Equal(0.25, measured.Latency, 9);
        Assert.Equal(4, measured.Stages.Length);
        for (var stage = 0; stage < 4; stage++)
        {
            var expected = costs.Stages[stage];
            Assert.Equal(expected.Forward, measured.Stages[stage].Forward, 9);
            Assert.Equal(expected.BackwardInput, measured.Stages[stage].BackwardInput, 9);
            Assert.Equal(expected.BackwardWeights, measured.Stages[stage].BackwardWeights, 9);
            Assert.Equal(expected.Backward, measured.Stages[stage].Backward, 9);
        }
    }

    [Fact]
    public void Pairs_of_equal_stages_come_back_too()
    {
        var run = TimetableSimulator.Simulate(ScheduleCatalog.Create("dualpipe", new PipelineSize(4, 10)), new StepCosts(Heavy));
        Assert.All(TraceCosts.Read(TraceOf(run, steps: 2)).Stages, stage => Assert.Equal(10, stage.Pair, 9));
    }

    [Fact]
    public void The_first_step_is_left_out_and_one_slow_step_does_not_matter()
    {
        var run = TimetableSimulator.Simulate(ScheduleCatalog.Create("1f1b", new PipelineSize(2, 4)), new StepCosts(Light));
        var measured = TraceCosts.Read(TraceOf(run, steps: 5, slowSteps: [0, 3]));

        Assert.Equal(4, measured.Steps);
        Assert.Equal(2, measured.Stages[0].Forward, 9);
        Assert.Equal(3, TraceCosts.Read(TraceOf(run, steps: 5), warmUpSteps: 2).Steps);
        Assert.Equal(1, TraceCosts.Read(TraceOf(run, steps: 1)).Steps);
    }

    [Fact]
    public void Where_only_full_backwards_are_played_the_time_of_their_weights_tells_them_apart()
    {
        var run = TimetableSimulator.Simulate(ScheduleCatalog.Create("1f1b", new PipelineSize(2, 4)), new StepCosts([Light, Heavy]));
        var measured = TraceCosts.Read(TraceOf(run, steps: 2));

        Assert.Equal((3, 1.5), (Math.Round(measured.Stages[0].BackwardInput, 9), Math.Round(measured.Stages[0].BackwardWeights, 9)));
        Assert.Equal((6, 2), (Math.Round(measured.Stages[1].BackwardInput, 9), Math.Round(measured.Stages[1].BackwardWeights, 9)));
        Assert.Equal(measured.Stages[1].Forward + measured.Stages[1].Backward, measured.Stages[1].Pair, 9);
    }

    [Fact]
    public void Another_number_of_stages_gets_even_shares_of_the_whole()
    {
        var run = TimetableSimulator.Simulate(ScheduleCatalog.Create("1f1b", new PipelineSize(2, 4)), new StepCosts([Light, Heavy]));
        var measured = TraceCosts.Read(TraceOf(run, steps: 2));

        Assert.Equal([1, 1, 2, 2], measured.ToStepCosts(4).Stages.Select(stage => Math.Round(stage.Forward, 9)));
        Assert.Equal([4.0 / 3, 2, 8.0 / 3], measured.ToStepCosts(3).Stages.Select(stage => stage.Forward), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal(9, measured.ToStepCosts(1).Stages[0].BackwardInput, 9);
    }

    [Fact]
    public void Simulated_again_a_traced_schedule_takes_the_time_it_took()
    {
        var costs = new StepCosts(Light) { Link = new LinkCosts(0.125) };
        var timetable = ScheduleCatalog.Create("dualpipe", new PipelineSize(8, 20));
        var run = TimetableSimulator.Simulate(timetable, costs);
        var again = TimetableSimulator.Simulate(timetable, TraceCosts.Read(TraceOf(run, steps: 3)).ToStepCosts(8));

        Assert.Equal(run.StepTime, again.StepTime, 9);
    }

    [Theory]
    [InlineData("", "byte 0: this is no complete JSON: the trace is torn or mistyped here")]
    [InlineData("[]", "a trace is an object with traceEvents, not StartArray")]
    [InlineData("{\"displayTimeUnit\":\"ms\"}", "the trace has no list traceEvents")]
    [InlineData("{\"traceEvents\":[]}", "the trace has no events of category action")]
    [InlineData("{\"traceEvents\":[{\"cat\":\"compute\",\"ts\":1}]}", "the trace has no events of category action")]
    [InlineData("{\"traceEvents\":[1]}", "event 0 is not an object but Number")]
    [InlineData("{\"traceEvents\":[{\"cat\":\"action\",\"ts\":1}]}", "event 0 is an action without a number dur")]
    [InlineData("{\"traceEvents\":[{},{\"cat\":\"action\",\"ts\":1,\"dur\":-1,\"args\":{\"step\":0,\"position\":0,\"weights\":0,\"pipelineRank\":0,"
        + "\"expertRank\":0,\"dataGroup\":0,\"action\":\"0F0\"}}]}", "event 1 is an action whose dur is -1")]
    public void A_file_that_is_no_trace_is_refused_with_what_is_missing(string json, string error)
    {
        var refused = Assert.Throws<TraceFormatException>(() => TraceCosts.Read(Encoding.UTF8.GetBytes(json)));
        Assert.Equal($"{error}; write the trace again with: actors train --trace FILE", refused.Message);
    }

    [Fact]
    public void A_torn_trace_is_refused_wherever_it_is_torn()
    {
        var trace = TraceOf(TimetableSimulator.Simulate(ScheduleCatalog.Create("1f1b", new PipelineSize(2, 2)), new StepCosts(Light)), steps: 1);
        for (var length = 0; length < trace.Length; length++)
        {
            var torn = trace[..length];
            Assert.DoesNotContain('\n', Assert.Throws<TraceFormatException>(() => TraceCosts.Read(torn)).Message);
        }
    }

    [Theory]
    [InlineData("0F0 0F1", "the trace has no backward of stage 0 outside pairs; trace a run of 1f1b or dualpipe")]
    [InlineData("0B0", "the trace has no forward of stage 0 outside pairs; trace a run of 1f1b or dualpipe")]
    [InlineData("0F0 9B1", "the trace names stage 9 but has only 2 actions, so stages before it are missing")]
    [InlineData("0F0 0X1", "event 1: '0X1' is not an action: ")]
    public void A_trace_that_lacks_a_kind_of_action_is_refused(string actions, string error)
    {
        var events = actions.Split(' ').Select((action, at) => EventOf(action, 0, 0, at, at, at + 1, 0));
        var json = Encoding.UTF8.GetBytes($"{{\"traceEvents\":[{string.Join(',', events)}]}}");
        Assert.StartsWith(error, Assert.Throws<TraceFormatException>(() => TraceCosts.Read(json)).Message);
    }

    /// <summary>The trace of a run that is played step after step, in the form that the trainer writes, with other events between.</summary>
    private static byte[] TraceOf(SimulatedRun run, int steps, int[]? slowSteps = null)
    {
        var events = new List<string> { "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":0,\"args\":{\"name\":\"rank 0\"}}" };
        for (var step = 0; step < steps; step++)
        {
            var slow = slowSteps?.Contains(step) == true ? 10 : 1;
            foreach (var (timed, position) in run.ToTimedActions().Select((timed, at) => (timed, at)))
            {
                var weights = timed.Action.Kind == ActionKind.Backward ? run.Costs.OfStage(timed.Action.Stage).BackwardWeights : 0;
                var origin = step * 20 * run.StepTime;
                events.Add(EventOf(
                    timed.Action.ToString(), step, timed.Rank, position, origin + slow * timed.Start, origin + slow * timed.End, slow * weights));
                events.Add("{\"name\":\"AttentionForward 0.0 mb0\",\"cat\":\"compute\",\"ts\":1,\"dur\":2,\"args\":{\"stage\":0,\"step\":[1,{}]}}");
            }
        }

        return Encoding.UTF8.GetBytes($"{{\"displayTimeUnit\":\"ms\",\"traceEvents\":[{string.Join(',', events)}]}}");
    }

    private static string EventOf(string action, int step, int rank, int position, double start, double end, double weights)
        => string.Create(CultureInfo.InvariantCulture,
            $"{{\"name\":\"{action}\",\"cat\":\"action\",\"ph\":\"X\",\"pid\":{rank},\"tid\":2,\"ts\":{1000 * start:R},\"dur\":{1000 * (end - start):R},"
            + $"\"args\":{{\"action\":{JsonSerializer.Serialize(action)},\"step\":{step},\"position\":{position},\"weights\":{1000 * weights:R},"
            + $"\"pipelineRank\":{rank},\"expertRank\":0,\"dataGroup\":0}}}}");
}
