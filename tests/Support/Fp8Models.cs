using Actors.Model;

namespace Actors.Tests.Support;

/// <summary>A small model most of whose matrices have sums of whole tiles, so that FP8 quantizes them: all but that of the latent.</summary>
public static class Fp8Models
{
    /// <summary>One dense layer and one with experts.</summary>
    public static ModelConfig Config { get; } = new()
    {
        VocabularySize = 64,
        HiddenSize = 256,
        IntermediateSize = 256,
        ExpertIntermediateSize = 128,
        Layers = 2,
        Heads = 4,
        RoutedExperts = 4,
        SharedExperts = 1,
        KeyValueRank = 64,
        QueryRank = 128,
        RopeHeadSize = 16,
        NopeHeadSize = 16,
        ValueHeadSize = 32,
        ExpertGroups = 2,
        ExpertGroupsKept = 1,
        ExpertsPerToken = 2,
        FirstDenseLayers = 1,
        MaxPositions = 64,
        InitializerRange = 0.08,
    };
}
