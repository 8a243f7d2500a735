using System.Collections.Immutable;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;

namespace Actors.Runtime.Training;

/// <summary>Who holds a trained block, and which of its holders updates it (ZeRO-1).</summary>
/// <param name="Number">Number of the block in the model.</param>
/// <param name="Owner">Rank that updates it.</param>
/// <param name="Holders">Every rank that computes gradients of it, in order; once, though several of its stages do.</param>
internal sealed record BlockOwner(int Number, int Owner, ImmutableArray<int> Holders)
{
    /// <summary>
    /// The owners of a model's blocks, in model order. A pure function of the plan, so every node knows it: the largest blocks first, each goes to the holder
    /// that owns least so far.
    /// </summary>
    public static IReadOnlyList<BlockOwner> Assign(RunPlan plan, StageLayout layout, Schedules.Placement placement)
    {
        using var shapes = new ShapeBackend();
        using var weights = new ModelWeights(shapes, plan.Model, ModelPart.Whole(plan.Model, plan.ExpertPlacement()));
        Dictionary<ParameterBlock, List<int>> holders = HoldersOf(weights, plan, layout, placement);
        var owners = new List<BlockOwner>();
        var load = new long[plan.Ranks];
        foreach ((int number, ParameterBlock block) in weights.Blocks.Index().Where(entry => entry.Item.IsTrained).OrderByDescending(entry => entry.Item.Values.Count))
        {
            int owner = holders[block].MinBy(rank => load[rank]);
            load[owner] += block.Values.Count;
            owners.Add(new BlockOwner(number, owner, [.. holders[block]]));
        }

        return [.. owners.OrderBy(owner => owner.Number)];
    }

    /// <summary>For each block of a whole model the ranks that hold it, in order.</summary>
    public static Dictionary<ParameterBlock, List<int>> HoldersOf(
        ModelWeights whole, RunPlan plan, StageLayout layout, Schedules.Placement placement)
    {
        Dictionary<ParameterBlock, List<int>> holders = whole.Blocks.ToDictionary(block => block, _ => new List<int>());
        for (int rank = 0; rank < plan.Ranks; rank++)
        {
            RankPosition at = plan.PositionOf(rank);
            ExpertRange experts = plan.ExpertPlacement().ExpertsOf(at.ExpertRank);
            foreach (ParameterBlock block in StageModel.BlocksOf(whole, layout, placement.StagesOf(at.PipelineRank), experts))
            {
                holders[block].Add(rank);
            }
        }

        return holders;
    }
}
