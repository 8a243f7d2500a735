using Actors.Model;

namespace Actors.Runtime.Tests.Training;

/// <summary>Small models in the shape of DeepSeek-V3.</summary>
internal static class TestModels
{
    public static ModelConfig Small(int layers = 4, int experts = 16, int denseLayers = 1) => new()
    {
        VocabularySize = 64,
        HiddenSize = 32,
        IntermediateSize = 48,
        ExpertIntermediateSize = 16,
        Layers = layers,
        Heads = 2,
        RoutedExperts = experts,
        KeyValueRank = 16,
        QueryRank = 24,
        RopeHeadSize = 8,
        NopeHeadSize = 8,
        ValueHeadSize = 8,
        ExpertGroups = 4,
        ExpertGroupsKept = 2,
        ExpertsPerToken = 4,
        FirstDenseLayers = denseLayers,
        MaxPositions = 64,
        InitializerRange = 0.08,
    };

    /// <summary>Token ids (sequences, length + 1) that depend on the seed only.</summary>
    public static int[] Tokens(int sequences, int length, int vocabulary, int seed)
    {
        var random = new Random(seed);
        var tokens = new int[sequences * (length + 1)];
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i] = random.Next(vocabulary);
        }

        return tokens;
    }
}
