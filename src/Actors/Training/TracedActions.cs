using Actors.Runtime.Pipeline;

namespace Actors.Runtime.Training;

/// <summary>
/// Finds the timetable's actions in what a rank has traced. A rank computes the same components in the same order in every training
/// step, so that counting them tells step and action. Read while no step runs, before anything but training steps was traced.
/// </summary>
internal static class TracedActions
{
    /// <summary>The actions of all steps that a rank has traced whole, in the order of play.</summary>
    public static IEnumerable<TracedAction> Of(TrainingHost host, int rank)
    {
        TraceEvent[] computed = Computed(host, rank);
        int pipelineRank = host.Plan.PositionOf(rank).PipelineRank;
        int[] lengths = ComputedComponents(host, pipelineRank);
        int ofStep = lengths.Sum();
        int next = 0;
        for (int step = 0; step < computed.Length / ofStep; step++)
        {
            for (int position = 0; position < lengths.Length; position++)
            {
                ArraySegment<TraceEvent> components = new(computed, next, lengths[position]);
                next += lengths[position];
                yield return new TracedAction(
                    step,
                    position,
                    host.TrainingTimetable.ActionsOf(pipelineRank)[position],
                    components[0].Start,
                    components[^1].End,
                    components.Where(component => component.Component.IsWeights).Sum(component => component.End - component.Start));
            }
        }
    }

    /// <summary>Number of steps that every rank has traced whole.</summary>
    public static int WholeSteps(TrainingHost host) => Enumerable.Range(0, host.Plan.Ranks).Min(rank =>
        Computed(host, rank).Length / ComputedComponents(host, host.Plan.PositionOf(rank).PipelineRank).Sum());

    private static TraceEvent[] Computed(TrainingHost host, int rank)
    {
        TraceRecorder recorder = host.Trace(rank)
            ?? throw new InvalidOperationException("The run traces nothing: give it a trace capacity.");
        var computed = new List<TraceEvent>();
        foreach (TraceEvent traced in recorder.Events)
        {
            if (traced.Kind == TraceKind.Compute)
            {
                computed.Add(traced);
            }
        }

        return [.. computed];
    }

    /// <summary>For each action the number of components that leave an event.</summary>
    private static int[] ComputedComponents(TrainingHost host, int pipelineRank)
    {
        Component[][] components = ComponentOrder.ByAction(host.TrainingTimetable, pipelineRank, host.Layout);
        return [.. components.Select(action => action.Count(component => component.Kind != ComponentKind.Release))];
    }
}
