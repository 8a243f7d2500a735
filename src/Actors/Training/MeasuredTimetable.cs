using Actors.Runtime.Placement;
using Actors.Runtime.Training.Results;
using Actors.Schedules.Drawing;
using Actors.Schedules.Timing;

namespace Actors.Runtime.Training;

/// <summary>
/// The timetable of a step as it really ran: each action from the start of its first component to the end of its last, on
/// the pipeline ranks of the first expert rank and data group.
/// </summary>
public static class MeasuredTimetable
{
    /// <summary>Draws the last traced training step, or its last pass, as SVG.</summary>
    /// <param name="trace">What the ranks have traced.</param>
    /// <param name="time">The clock of the run.</param>
    /// <exception cref="InvalidOperationException">No whole step was traced.</exception>
    public static string Draw(RunTrace trace, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(time);
        int steps = TracedActions.WholeSteps(trace);
        if (steps == 0)
        {
            throw new InvalidOperationException($"No whole step fits in {trace.Plan.TraceCapacity} traced events a rank.");
        }

        double millisecondsPerTick = 1e3 / time.TimestampFrequency;
        TimedAction[] actions = [.. Enumerable.Range(0, trace.Plan.PipelineRanks).SelectMany(p => TracedActions
            .Of(trace, trace.Plan.RankOf(0, p, 0))
            .Where(traced => traced.Step == steps - 1)
            .Select(traced => new TimedAction(p, traced.Action, traced.Start * millisecondsPerTick, traced.End * millisecondsPerTick)))];
        double origin = actions.Min(action => action.Start);
        TimedAction[] shifted = [.. actions.Select(action => action with { Start = action.Start - origin, End = action.End - origin })];
        RunPlan plan = trace.Plan;
        int microBatches = TracedActions.MicroBatches(trace, rank: 0)[steps - 1];
        return TimetableSvg.Draw(shifted, plan.CreateTimetable(microBatches).Placement, new SvgOptions
        {
            Title = $"{plan.Schedule}, {plan.PipelineRanks} pipeline ranks x {plan.ExpertRanks} expert ranks, {microBatches} micro-batches: a measured step",
            TimeUnit = "ms",
            MaxRowWidth = 800,
        });
    }
}
