using Actors.Model;
using Actors.Model.Parameters;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;

namespace Actors.Runtime.Tests.Training;

public sealed class BlockOwnerTests
{
    /// <summary>Embedding and output head come first and last in the model, and are its largest blocks that all ranks hold.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Ranks_own_equal_shares_also_where_two_blocks_are_large(int expertRanks)
    {
        ModelConfig model = TestModels.Small(layers: 8) with { VocabularySize = 512 };
        RunPlan plan = TestPlans.OneRank(model, sequences: 4, length: 4) with { ExpertRanks = expertRanks, RanksPerNode = expertRanks };
        using var shapes = new ShapeBackend();
        using var weights = new ModelWeights(shapes, model, ModelPart.Whole(model, plan.ExpertPlacement()));

        IReadOnlyList<BlockOwner> owners = BlockOwner.Assign(plan, new StageLayout(model, plan.Stages), plan.CreateTimetable().Placement);

        long[] owned = [.. Enumerable.Range(0, expertRanks).Select(rank => owners.Where(owner => owner.Owner == rank).Sum(owner => weights.Blocks[owner.Number].Values.Count))];
        long smallest = owners.Min(owner => weights.Blocks[owner.Number].Values.Count), largest = owners.Max(owner => weights.Blocks[owner.Number].Values.Count);
        Assert.Equal(owners.Select(owner => owner.Number).Order(), owners.Select(owner => owner.Number));
        // Small blocks come last and fill up what large ones have left uneven: a tenth of the largest is far below what one block too many would make.
        Assert.InRange(owned.Max() - owned.Min(), 0, Math.Max(smallest, largest / 10));
    }
}
