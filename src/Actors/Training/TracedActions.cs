using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training.Results;
using Actors.Schedules;

namespace Actors.Runtime.Training;

/// <summary>
/// Finds the timetable's actions in what a rank has traced. A rank computes the same components in the same order in every pass of as many micro-batches, so that
/// counting them from where the pass begins tells the action.
/// </summary>
internal static class TracedActions
{
    /// <summary>The actions of all passes that a rank has traced whole, in the order of play.</summary>
    public static IEnumerable<TracedAction> Of(RunTrace trace, int rank)
    {
        int pass = 0;
        foreach ((Program program, TraceEvent[] computed) in WholePasses(trace, rank))
        {
            int next = 0;
            for (int position = 0; position < program.Lengths.Length; position++)
            {
                ArraySegment<TraceEvent> components = new(computed, next, program.Lengths[position]);
                next += program.Lengths[position];
                yield return new TracedAction(
                    pass,
                    position,
                    program.Actions[position],
                    components[0].Start,
                    components[^1].End,
                    components.Where(component => component.Component.IsWeights).Sum(component => component.End - component.Start));
            }

            pass++;
        }
    }

    /// <summary>Number of passes that every rank has traced whole.</summary>
    public static int WholeSteps(RunTrace trace) => Enumerable.Range(0, trace.Plan.Ranks).Min(rank => MicroBatches(trace, rank).Length);

    /// <summary>Micro-batches of each pass that a rank has traced whole.</summary>
    public static int[] MicroBatches(RunTrace trace, int rank) => [.. WholePasses(trace, rank).Select(pass => pass.Program.MicroBatches)];

    /// <summary>Each whole pass: what it played, and the components that it computed.</summary>
    private static IEnumerable<(Program Program, TraceEvent[] Computed)> WholePasses(RunTrace trace, int rank)
    {
        var programs = new Dictionary<int, Program>();
        int pipelineRank = trace.Plan.PositionOf(rank).PipelineRank;
        var computed = new List<TraceEvent>();
        Program? program = null;
        foreach (TraceEvent traced in trace.Ranks[rank].Events)
        {
            if (traced.Kind == TraceKind.Begin)
            {
                int microBatches = traced.Component.MicroBatch;
                if (!programs.TryGetValue(microBatches, out program))
                {
                    programs.Add(microBatches, program = new Program(trace.Plan, pipelineRank, microBatches));
                }

                computed.Clear();
            }
            else if (traced.Kind == TraceKind.Compute && program is not null)
            {
                computed.Add(traced);
                if (computed.Count == program.Computed)
                {
                    yield return (program, [.. computed]);
                    program = null;
                }
            }
        }
    }

    /// <summary>What a pipeline rank plays of a pass of so many micro-batches.</summary>
    private sealed class Program
    {
        public Program(RunPlan plan, int pipelineRank, int microBatches)
        {
            Timetable timetable = plan.CreateTimetable(microBatches);
            Component[][] components = ComponentOrder.ByAction(timetable, pipelineRank, new StageLayout(plan.Model, plan.Stages));
            MicroBatches = microBatches;
            Actions = [.. timetable.ActionsOf(pipelineRank)];
            Lengths = [.. components.Select(action => action.Count(component => component.Kind != ComponentKind.Release))];
            Computed = Lengths.Sum();
        }

        public int MicroBatches { get; }

        public StageAction[] Actions { get; }

        /// <summary>For each action the number of components that leave an event.</summary>
        public int[] Lengths { get; }

        public int Computed { get; }
    }
}
