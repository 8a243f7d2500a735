using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training.Results;

namespace Actors.Runtime.Training;

/// <summary>
/// Finds the timetable's actions in what a rank has traced. A rank computes the same components in the same order in every training
/// step, so that counting them tells step and action, where nothing but training steps was traced.
/// </summary>
internal static class TracedActions
{
    /// <summary>The actions of all steps that a rank has traced whole, in the order of play.</summary>
    public static IEnumerable<TracedAction> Of(RunTrace trace, int rank)
    {
        TraceEvent[] computed = Computed(trace, rank);
        int pipelineRank = trace.Plan.PositionOf(rank).PipelineRank;
        int[] lengths = ComputedComponents(trace, pipelineRank);
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
                    trace.Timetable.ActionsOf(pipelineRank)[position],
                    components[0].Start,
                    components[^1].End,
                    components.Where(component => component.Component.IsWeights).Sum(component => component.End - component.Start));
            }
        }
    }

    /// <summary>Number of steps that every rank has traced whole.</summary>
    public static int WholeSteps(RunTrace trace) => Enumerable.Range(0, trace.Plan.Ranks).Min(rank =>
        Computed(trace, rank).Length / ComputedComponents(trace, trace.Plan.PositionOf(rank).PipelineRank).Sum());

    private static TraceEvent[] Computed(RunTrace trace, int rank) => [.. trace.Ranks[rank].Events.Where(traced => traced.Kind == TraceKind.Compute)];

    /// <summary>For each action the number of components that leave an event.</summary>
    private static int[] ComputedComponents(RunTrace trace, int pipelineRank)
    {
        Component[][] components = ComponentOrder.ByAction(trace.Timetable, pipelineRank, new StageLayout(trace.Plan.Model, trace.Plan.Stages));
        return [.. components.Select(action => action.Count(component => component.Kind != ComponentKind.Release))];
    }
}
