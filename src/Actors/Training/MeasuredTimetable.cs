using Actors.Runtime.Stages;
using Actors.Schedules;
using Actors.Schedules.Drawing;
using Actors.Schedules.Timing;

namespace Actors.Runtime.Training;

/// <summary>
/// The timetable of a step as it really ran: each action from the start of its first component to the end of its last, on
/// the pipeline ranks of the first expert rank and data group.
/// </summary>
public static class MeasuredTimetable
{
    /// <summary>Draws the last traced training step as SVG; call it while no step runs.</summary>
    /// <param name="memory">The run, with a trace capacity above 0.</param>
    /// <param name="time">The clock of the run.</param>
    /// <exception cref="InvalidOperationException">No whole step was traced.</exception>
    public static string Draw(RunMemory memory, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(time);
        var actions = new List<TimedAction>();
        for (int p = 0; p < memory.Plan.PipelineRanks; p++)
        {
            AddRank(actions, memory, p, 1e3 / time.TimestampFrequency);
        }

        double origin = actions.Min(action => action.Start);
        TimedAction[] shifted = [.. actions.Select(action => action with { Start = action.Start - origin, End = action.End - origin })];
        RunPlan plan = memory.Plan;
        return TimetableSvg.Draw(shifted, memory.TrainingTimetable.Placement, new SvgOptions
        {
            Title = $"{plan.Schedule}, {plan.PipelineRanks} pipeline ranks x {plan.ExpertRanks} expert ranks, {plan.MicroBatches} micro-batches: a measured step",
            TimeUnit = "ms",
            MaxRowWidth = 800,
        });
    }

    private static void AddRank(List<TimedAction> actions, RunMemory memory, int pipelineRank, double millisecondsPerTick)
    {
        ReadOnlySpan<StageAction> order = memory.TrainingTimetable.ActionsOf(pipelineRank).AsSpan();
        int[] lengths = ComputedComponents(memory, pipelineRank);
        TraceEvent[] events = LastStep(memory, pipelineRank, lengths.Sum());
        int next = 0;
        for (int i = 0; i < order.Length; i++)
        {
            double start = events[next].Start * millisecondsPerTick;
            next += lengths[i];
            actions.Add(new TimedAction(pipelineRank, order[i], start, events[next - 1].End * millisecondsPerTick));
        }
    }

    /// <summary>For each action the number of components that leave an event.</summary>
    private static int[] ComputedComponents(RunMemory memory, int pipelineRank)
    {
        Component[][] components = ComponentOrder.ByAction(memory.TrainingTimetable, pipelineRank, memory.Layout);
        return [.. components.Select(action => action.Count(component => component.Kind != ComponentKind.Release))];
    }

    private static TraceEvent[] LastStep(RunMemory memory, int pipelineRank, int count)
    {
        int rank = memory.Plan.RankOf(0, pipelineRank, 0);
        TraceRecorder recorder = memory.Trace(rank)
            ?? throw new InvalidOperationException("The run traces nothing: give it a trace capacity.");
        var computed = new List<TraceEvent>();
        foreach (TraceEvent traced in recorder.Events)
        {
            if (traced.Kind == TraceKind.Compute)
            {
                computed.Add(traced);
            }
        }

        int whole = computed.Count / count;
        return whole == 0
            ? throw new InvalidOperationException($"Rank {rank} traced {computed.Count} components; a step has {count}.")
            : [.. computed.GetRange((whole - 1) * count, count)];
    }
}
