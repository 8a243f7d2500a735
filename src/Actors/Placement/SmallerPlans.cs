namespace Actors.Runtime.Placement;

/// <summary>
/// The plans that train the same steps as a run's own on fewer ranks, or on smaller nodes: model, pipeline, schedule and the sequences of a step
/// are the same. A pure function of the plan.
/// </summary>
internal static class SmallerPlans
{
    /// <summary>
    /// The plan itself, and then the smaller ones in the order in which they are preferred: those with the most expert ranks, since each rank
    /// of fewer holds more experts; of these those with the most data groups; of these those with the largest nodes.
    /// </summary>
    public static IEnumerable<RunPlan> From(RunPlan plan)
    {
        for (int experts = plan.ExpertRanks; experts > 0; experts--)
        {
            for (int groups = plan.DataGroups; groups > 0; groups--)
            {
                for (int perNode = plan.RanksPerNode; perNode > 0; perNode--)
                {
                    if (Find(plan, groups, experts, perNode) is { } smaller)
                    {
                        yield return smaller;
                    }
                }
            }
        }
    }

    /// <summary>The plan of these sizes; null: there is none.</summary>
    private static RunPlan? Find(RunPlan plan, int groups, int experts, int perNode)
    {
        // The rules of all schedules for a number of micro-batches hold again after as many as there are pipeline ranks.
        int least = LeastMicroBatches(plan, groups, experts);
        for (int microBatches = least; microBatches <= least + plan.PipelineRanks; microBatches++)
        {
            RunPlan smaller = plan.With(new PlanSizes(groups, experts, perNode, microBatches));
            PlacementFault? fault = smaller.FindFault();
            if (fault?.Part != PlacementPart.MicroBatches)
            {
                return fault is null ? smaller : null;
            }
        }

        return null;
    }

    /// <summary>
    /// The fewest micro-batches with which a rank has no more sequences in one than before, and so needs no more memory for its activations. A
    /// micro-batch has at least one sequence.
    /// </summary>
    private static int LeastMicroBatches(RunPlan plan, int groups, int experts)
    {
        int before = DivideUp(plan.Sequences / plan.DataGroups, plan.MicroBatches);
        int most = Math.Max(1, before * experts / plan.ExpertRanks);
        return Math.Max(plan.MicroBatches, DivideUp(plan.Sequences / groups, most));
    }

    private static int DivideUp(int count, int by) => (count + by - 1) / by;
}
