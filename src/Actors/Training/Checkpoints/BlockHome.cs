using System.Collections.Immutable;
using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Runtime.Placement;

namespace Actors.Runtime.Training.Checkpoints;

/// <summary>The rank that a block of the model is read from: its owner, or the lowest rank that holds what is not trained.</summary>
/// <param name="Number">Number of the block in the model.</param>
/// <param name="Name">Name of the block.</param>
/// <param name="Tensors">Its tensors in the Hugging Face layout.</param>
/// <param name="Copies">Tensors of the layout that hold the same values once more.</param>
/// <param name="Count">Its elements.</param>
/// <param name="Rank">The rank.</param>
/// <param name="IsTrained">Whether it has a gradient and moments.</param>
public sealed record BlockHome(int Number, string Name, IReadOnlyList<HubTensor> Tensors, IReadOnlyList<HubTensor> Copies, long Count, int Rank, bool IsTrained)
{
    /// <summary>The homes of a model's blocks, in model order. A pure function of the plan, so every process knows it.</summary>
    internal static IReadOnlyList<BlockHome> Of(RunPlan plan, StageLayout layout, Schedules.Placement placement)
    {
        using var shapes = new ShapeBackend();
        using var whole = new ModelWeights(shapes, plan.Model, ModelPart.Whole(plan.Model, plan.ExpertPlacement()));
        Dictionary<int, int> owners = BlockOwner.Assign(plan, layout, placement).ToDictionary(owner => owner.Number, owner => owner.Owner);
        Dictionary<ParameterBlock, List<int>> holders = BlockOwner.HoldersOf(whole, plan, layout, placement);
        return [.. whole.Blocks.Select((block, number) => new BlockHome(
            number, block.Name, block.Tensors, block.Copies, block.Values.Count, owners.TryGetValue(number, out int owner) ? owner : holders[block][0], block.IsTrained))];
    }

    /// <summary>The files of a checkpoint that the processes of a run write, each the blocks of its own ranks.</summary>
    /// <param name="plan">Shape of the run.</param>
    /// <param name="homes">Every block of the model.</param>
    /// <param name="writers">The process that writes for each node.</param>
    internal static CheckpointShares Divide(RunPlan plan, IReadOnlyList<BlockHome> homes, ImmutableArray<int> writers)
    {
        Dictionary<string, int> writerOf = homes
            .SelectMany(home => home.Tensors.Concat(home.Copies).Select(tensor => (tensor.Name, Writer: writers[plan.NodeOf(home.Rank)])))
            .ToDictionary(entry => entry.Name, entry => entry.Writer, StringComparer.Ordinal);
        return new CheckpointShares(plan.Model, writers.Max() + 1, name => writerOf[name], plan.Moments) { HasAverage = plan.Average is not null };
    }
}
