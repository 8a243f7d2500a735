using Actors.Model;
using Actors.Model.Checkpoint;
using Actors.Model.Parameters;

namespace Actors.LoadTests.Checkpoints;

/// <summary>A model's folder of any size in the hub's layout, bfloat16, with values that repeat.</summary>
internal static class SyntheticCheckpoint
{
    /// <summary>Values that are drawn: a prime, so that rows of a matrix differ.</summary>
    private const int Values = 4_194_301;

    /// <summary>16 layers have 5.0 billion parameters, 10 GB in bfloat16.</summary>
    public static ModelConfig Config(int layers) => new()
    {
        VocabularySize = 32_000,
        HiddenSize = 2048,
        IntermediateSize = 8192,
        ExpertIntermediateSize = 1024,
        Layers = layers,
        Heads = 16,
        RoutedExperts = 48,
        KeyValueRank = 512,
        QueryRank = 1536,
        RopeHeadSize = 64,
        NopeHeadSize = 128,
        ValueHeadSize = 128,
        ExpertGroups = 8,
        ExpertGroupsKept = 4,
        ExpertsPerToken = 8,
        FirstDenseLayers = 1,
        MaxPositions = 4096,
        InitializerRange = 0.02,
    };

    /// <summary>Writes it.</summary>
    /// <returns>Bytes of its tensors.</returns>
    public static long Write(string folder, ModelConfig config)
    {
        SafetensorsTensor[] tensors =
        [
            .. ModelCheckpoint.Tensors(config).Select(tensor => tensor.Name.EndsWith("e_score_correction_bias", StringComparison.Ordinal)
                ? tensor
                : new SafetensorsTensor(tensor.Name, SafetensorsType.BF16, tensor.Shape)),
        ];
        var random = new Random(1);
        float[] values = [.. Enumerable.Range(0, Values).Select(_ => (random.NextSingle() - 0.5f) * 0.1f)];
        using CheckpointWriter writer = CheckpointWriter.Create(folder, tensors);
        foreach (SafetensorsTensor tensor in tensors)
        {
            int start = random.Next(Values);
            for (long left = tensor.Count; left > 0; start = 0)
            {
                int count = (int)Math.Min(left, Values - start);
                writer.WriteFloats(tensor.Name, values.AsSpan(start, count));
                left -= count;
            }
        }

        writer.Commit();
        HubConfig.Create(config).WithType(SafetensorsType.BF16).Write(Path.Combine(folder, HubConfig.FileName));
        return tensors.Sum(tensor => tensor.Bytes);
    }
}
