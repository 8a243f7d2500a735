using Actors.Model;
using Actors.Model.Layers;
using Actors.Runtime.Placement;

namespace Actors.Runtime.Tests.Training;

/// <summary>Where a test's plan begins: one rank, one micro-batch.</summary>
internal static class TestPlans
{
    public static RunPlan OneRank(ModelConfig model, int sequences, int length) => new()
    {
        Model = model,
        PipelineRanks = 1,
        ExpertRanks = 1,
        RanksPerNode = 1,
        SeparatesNodes = false,
        DataGroups = 1,
        NodeLimit = 4,
        Schedule = "1f1b",
        MicroBatches = 1,
        Sequences = sequences,
        SequenceLength = length,
        Activations = ActivationMode.Kept,
        Fabric = new(Channels: 2, ChunkRows: 5, SlotsPerRing: 2),
    };
}
