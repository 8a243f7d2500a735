using Actors.Cpu;
using Actors.Cpu.Rounded;
using Actors.Model;
using Actors.Model.Layers;
using Actors.Runtime.Fabric;
using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Simulation.Tests;

/// <summary>Models and placements small enough for hundreds of runs.</summary>
internal static class Models
{
    public const int Vocabulary = 32;

    public static ModelConfig Small(int layers, int denseLayers = 1, int sharedExperts = 1) => new()
    {
        VocabularySize = Vocabulary,
        HiddenSize = 8,
        IntermediateSize = 12,
        ExpertIntermediateSize = 4,
        SharedExperts = sharedExperts,
        Layers = layers,
        Heads = 2,
        RoutedExperts = 8,
        KeyValueRank = 8,
        QueryRank = 8,
        RopeHeadSize = 4,
        NopeHeadSize = 4,
        ValueHeadSize = 4,
        ExpertGroups = 4,
        ExpertGroupsKept = 2,
        ExpertsPerToken = 3,
        FirstDenseLayers = denseLayers,
        MaxPositions = 32,
        InitializerRange = 0.2,
    };

    public static RunPlan Plan(string schedule, int pipelineRanks, int expertRanks, int ranksPerNode, int microBatches, int dataGroups = 1) => new()
    {
        Model = Small(layers: 4),
        PipelineRanks = pipelineRanks,
        ExpertRanks = expertRanks,
        RanksPerNode = ranksPerNode,
        SeparatesNodes = false,
        DataGroups = dataGroups,
        NodeLimit = 4,
        Schedule = schedule,
        MicroBatches = microBatches,
        Sequences = dataGroups * microBatches * 2,
        SequenceLength = 5,
        Activations = ActivationMode.Kept,
        Fabric = new FabricSettings(Channels: 2, ChunkRows: 2, SlotsPerRing: 1),
    };

    /// <summary>A placement of a model whose experts take codes, so that rows of tokens and of gradients travel as codes.</summary>
    public static RunPlan OfCodes(RunPlan plan) => plan with { Model = plan.Model with { HiddenSize = 128, ExpertIntermediateSize = 128, InitializerRange = 0.05 } };

    /// <summary>The CPU, with rows as a precision has them.</summary>
    public static IBackend Backend(Precision? precision) => precision is null ? new CpuBackend() : new RoundedBackend(new CpuBackend(), precision);

    /// <summary>Token ids that repeat with the seed.</summary>
    public static int[] Tokens(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(Vocabulary))];
    }
}
