using System.Collections.Immutable;
using Actors.Model.Parameters;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;

namespace Actors.Runtime.Training;

/// <summary>Who holds a trained block, and which of its holders updates it (ZeRO-1).</summary>
/// <param name="Number">Number of the block in the model.</param>
/// <param name="Owner">Rank that updates it.</param>
/// <param name="OwnStage">The owner's stage whose gradients take the sum.</param>
/// <param name="Holders">Every rank and stage that computes gradients of it, in rank order.</param>
internal sealed record BlockOwner(int Number, int Owner, int OwnStage, ImmutableArray<BlockHolder> Holders)
{
    /// <summary>
    /// The owners of a model's blocks, in model order. A pure function of the plan, so every node knows it: the largest blocks first, each goes to the holder
    /// that owns least so far.
    /// </summary>
    public static IReadOnlyList<BlockOwner> Assign(RunPlan plan, StageLayout layout, Schedules.Placement placement)
    {
        using var shapes = new ShapeBackend();
        using var weights = new ModelWeights(shapes, plan.Model, ModelPart.Whole(plan.Model, plan.ExpertPlacement()));
        Dictionary<ParameterBlock, List<BlockHolder>> holders = HoldersOf(weights, plan, layout, placement);
        var owners = new List<BlockOwner>();
        var load = new long[plan.Ranks];
        foreach ((int number, ParameterBlock block) in weights.Blocks.Index().Where(entry => entry.Item.IsTrained).OrderByDescending(entry => entry.Item.Values.Count))
        {
            BlockHolder owner = holders[block].MinBy(holder => load[holder.Rank]);
            load[owner.Rank] += block.Values.Count;
            owners.Add(new BlockOwner(number, owner.Rank, owner.Stage, [.. holders[block]]));
        }

        return [.. owners.OrderBy(owner => owner.Number)];
    }

    /// <summary>For each block of a whole model the ranks and stages that hold it, in rank order.</summary>
    public static Dictionary<ParameterBlock, List<BlockHolder>> HoldersOf(
        ModelWeights whole, RunPlan plan, StageLayout layout, Schedules.Placement placement)
    {
        Dictionary<ParameterBlock, List<BlockHolder>> holders = whole.Blocks.ToDictionary(block => block, _ => new List<BlockHolder>());
        for (int rank = 0; rank < plan.Ranks; rank++)
        {
            RankPosition at = plan.PositionOf(rank);
            foreach (int stage in placement.StagesOf(at.PipelineRank))
            {
                foreach (ParameterBlock block in StageModel.BlocksOf(whole, layout, stage, plan.ExpertPlacement().ExpertsOf(at.ExpertRank)))
                {
                    holders[block].Add(new BlockHolder(rank, stage));
                }
            }
        }

        return holders;
    }
}

/// <summary>A stage of a rank that computes gradients of a block.</summary>
/// <param name="Rank">Number in the run.</param>
/// <param name="Stage">The stage.</param>
internal readonly record struct BlockHolder(int Rank, int Stage);
