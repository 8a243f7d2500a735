using Actors.Model;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Tensors;

namespace Actors.Tests.Support;

/// <summary>A model small enough for many runs, with fresh weights: one dense layer and two with experts.</summary>
public sealed class TinyModel : IDisposable
{
    public TinyModel(IBackend backend, int ranks = 1, int ranksPerNode = 1, ulong seed = 1, ModelConfig? config = null)
    {
        Backend = backend;
        Config = config ?? DefaultConfig;
        Stream = backend.CreateStream("tiny");
        Placement = new ExpertPlacement(Config.RoutedExperts, ranks, ranksPerNode);
        Weights = new ModelWeights(backend, Config, ModelPart.Whole(Config, Placement));
        Weights.Initialize(Stream, seed);
    }

    public static ModelConfig DefaultConfig { get; } = new()
    {
        VocabularySize = 23,
        HiddenSize = 20,
        IntermediateSize = 28,
        ExpertIntermediateSize = 12,
        Layers = 3,
        Heads = 3,
        RoutedExperts = 8,
        RoutedScalingFactor = 1.5,
        KeyValueRank = 10,
        QueryRank = 14,
        RopeHeadSize = 4,
        NopeHeadSize = 6,
        ValueHeadSize = 5,
        ExpertGroups = 4,
        ExpertGroupsKept = 2,
        ExpertsPerToken = 3,
        FirstDenseLayers = 1,
        MaxPositions = 64,
        InitializerRange = 0.2,
    };

    public IBackend Backend { get; }

    public ModelConfig Config { get; }

    public IStream Stream { get; }

    public ExpertPlacement Placement { get; }

    public ModelWeights Weights { get; }

    /// <summary>Token ids that repeat with the seed.</summary>
    public static int[] Tokens(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(DefaultConfig.VocabularySize))];
    }

    public void Dispose()
    {
        Weights.Dispose();
        Stream.Dispose();
        Backend.Dispose();
    }
}
