using System.Collections.Immutable;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Traces;

/// <summary>
/// Costs as measured by a training run: medians over steps, micro-batches and ranks of what <c>actors train --trace</c> wrote. An action
/// lasts from when its input was there to its end, with all that it waited for within, such as the rows of its experts. Milliseconds.
/// </summary>
public sealed class TraceCosts
{
    private TraceCosts(ImmutableArray<StageCosts> stages, double latency, int steps)
    {
        Stages = stages;
        Latency = latency;
        Steps = steps;
    }

    /// <summary>
    /// The costs of each traced stage: [stages]. Where the traced schedule plays no W alone, W is the time in which its full backwards
    /// computed weight gradients, and I the rest of them; where it plays no pairs, a pair gains nothing.
    /// </summary>
    public ImmutableArray<StageCosts> Stages { get; }

    /// <summary>From the end of an action to the start of one that waited for it on another rank: an estimate.</summary>
    public double Latency { get; }

    /// <summary>Number of steps that were measured; the warm-up is not among them.</summary>
    public int Steps { get; }

    /// <summary>Reads a trace. Linear in its length but for the sorting of what is kept.</summary>
    /// <param name="utf8Json">The file's content: a Chrome trace whose events of category <c>action</c> have in their args
    /// <c>action</c> (PyTorch's text form), <c>step</c>, <c>position</c>, <c>weights</c>, <c>pipelineRank</c>, <c>expertRank</c> and
    /// <c>dataGroup</c>; times in microseconds.</param>
    /// <param name="warmUpSteps">First steps to leave out, at least 0; the last step always counts.</param>
    /// <exception cref="TraceFormatException">The trace is torn, or lacks what costs need; the message says what.</exception>
    public static TraceCosts Read(ReadOnlySpan<byte> utf8Json, int warmUpSteps = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(warmUpSteps);
        var actions = TraceReader.Read(utf8Json);
        var (first, last) = (actions.Min(measured => measured.Step), actions.Max(measured => measured.Step));
        var from = Math.Min(last, first + warmUpSteps);
        actions.RemoveAll(measured => measured.Step < from);
        actions.Sort(InOrderOfPlay);
        var times = TimesOfStages(actions);
        AddPairs(actions, times);
        return new TraceCosts([.. times.Select(stage => stage.ToCosts())], TransferTimes.MedianOf(actions, times.Length), last - from + 1);
    }

    /// <summary>
    /// What a step of a timetable would take. Where it has another number of stages than were traced, each gets its even share of the
    /// model's whole time: stage s of S that of the traced stages from s/S to (s+1)/S of the way.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no stage.</exception>
    public StepCosts ToStepCosts(int stages)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stages);
        var link = new LinkCosts(Latency);
        if (stages == Stages.Length)
        {
            return new StepCosts(Stages) { Link = link };
        }

        var shares = ImmutableArray.CreateBuilder<StageCosts>(stages);
        for (var stage = 0; stage < stages; stage++)
        {
            shares.Add(new StageCosts(
                Share(stage, stages, costs => costs.Forward),
                Share(stage, stages, costs => costs.BackwardInput),
                Share(stage, stages, costs => costs.BackwardWeights),
                Share(stage, stages, costs => costs.Backward),
                Share(stage, stages, costs => costs.Pair)));
        }

        return new StepCosts(shares.MoveToImmutable()) { Link = link };
    }

    private static int InOrderOfPlay(MeasuredAction left, MeasuredAction right)
        => (left.Step, left.Group, left.Rank, left.Position).CompareTo((right.Step, right.Group, right.Rank, right.Position));

    private static StageTimes[] TimesOfStages(List<MeasuredAction> actions)
    {
        var last = actions.Max(measured => Math.Max(measured.Action.Stage, measured.Action.IsPair ? measured.Action.BackwardPart.Stage : 0));
        if (last >= actions.Count)
        {
            throw new TraceFormatException($"the trace names stage {last} but has only {actions.Count} actions, so stages before it are missing");
        }

        var times = new StageTimes[last + 1];
        for (var stage = 0; stage < times.Length; stage++)
        {
            times[stage] = new StageTimes(stage);
        }

        foreach (var measured in actions)
        {
            if (!measured.Action.IsPair)
            {
                times[measured.Action.Stage].Add(measured);
            }
        }

        return times;
    }

    private static void AddPairs(List<MeasuredAction> actions, StageTimes[] times)
    {
        var apart = times.Select(stage => (stage.Forward, stage.Backward)).ToArray();
        foreach (var measured in actions)
        {
            if (measured.Action.IsPair)
            {
                var (forward, backward) = (measured.Action.Stage, measured.Action.BackwardPart.Stage);
                var both = apart[forward].Forward + apart[backward].Backward;
                var ratio = both > 0 ? measured.Duration / both : 1;
                times[forward].AddPair(ratio);
                times[backward].AddPair(ratio);
            }
        }
    }

    private double Share(int stage, int stages, Func<StageCosts, double> costOf)
        => StageShares.Of(stage, stages, Stages.Length, traced => costOf(Stages[traced]));
}
