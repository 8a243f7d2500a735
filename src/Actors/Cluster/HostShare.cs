using System.Collections.Immutable;
using Actors.Runtime.Fabric.Layout;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Cluster;

/// <summary>What of a plan lives in a process.</summary>
/// <param name="Nodes">Nodes of the plan, ascending.</param>
public sealed record HostShare(ImmutableArray<int> Nodes)
{
    /// <summary>
    /// Memory shared with the process of a node that lives elsewhere, for the rings between the two, which the devices of this one reach; null, or null from it: none is.
    /// </summary>
    public Func<int, Arena?>? SharedWith { get; init; }

    /// <summary>The nodes of all processes of the run, this one among them; none: there is no other.</summary>
    public ImmutableArray<ImmutableArray<int>> Processes { get; init; } = [];

    /// <summary>Bytes of the rings between the nodes of two processes, in both directions.</summary>
    /// <param name="plan">The run.</param>
    /// <param name="precision">How the devices store rows.</param>
    /// <param name="nodes">Nodes of one process.</param>
    /// <param name="others">Nodes of the other.</param>
    public static long BytesBetween(RunPlan plan, Precision precision, IReadOnlyCollection<int> nodes, IReadOnlyCollection<int> others)
    {
        ArgumentNullException.ThrowIfNull(plan);
        GroupShape shape = plan.GroupShape(precision);
        long pairs = 0;
        for (int group = 0; group < plan.DataGroups * plan.PipelineRanks; group++)
        {
            int[] groupNodes =
                [.. Enumerable.Range(0, shape.Nodes).Select(node => plan.NodeOf(group / plan.PipelineRanks, group % plan.PipelineRanks, node))];
            pairs += 2L * groupNodes.Count(nodes.Contains) * groupNodes.Count(others.Contains);
        }

        return pairs * FabricRings.PairBytes(shape, plan.Fabric);
    }
}
