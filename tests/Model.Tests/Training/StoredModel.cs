using Actors.Model.Checkpoint;
using Actors.Model.Parameters;

namespace Actors.Model.Tests.Training;

/// <summary>The tiny model in a folder, with values that depend on their place.</summary>
internal static class StoredModel
{
    /// <summary>What a prediction module holds of the model once more.</summary>
    private static readonly (string Copy, string Original)[] Copies =
        [(".embed_tokens.weight", "model.embed_tokens.weight"), (".shared_head.head.weight", "lm_head.weight")];

    /// <summary>Writes it.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="maxShardBytes">Largest file.</param>
    /// <param name="change">Changes a tensor's values before they are written.</param>
    /// <param name="config">The model; null: the tiny one.</param>
    public static void Write(string folder, long maxShardBytes = long.MaxValue, Action<string, float[]>? change = null, ModelConfig? config = null)
    {
        config ??= TinyModel.DefaultConfig;
        Directory.CreateDirectory(folder);
        IReadOnlyList<SafetensorsTensor> tensors = ModelCheckpoint.Tensors(config);
        HubConfig.Create(config).Write(Path.Combine(folder, HubConfig.FileName));
        using CheckpointWriter writer = CheckpointWriter.Create(folder, tensors, maxShardBytes);
        var random = new Random(1);
        var written = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach (SafetensorsTensor tensor in tensors)
        {
            float[] values = [.. Enumerable.Range(0, (int)tensor.Count).Select(_ => random.NextSingle() - 0.5f)];
            change?.Invoke(tensor.Name, values);
            written.Add(tensor.Name, values);
            foreach ((string copy, string original) in Copies)
            {
                values = tensor.Name.EndsWith(copy, StringComparison.Ordinal) ? written[original] : values;
            }

            writer.WriteFloats(tensor.Name, values);
        }

        writer.Commit();
    }

    /// <summary>Types and values of all tensors, by name.</summary>
    public static SortedDictionary<string, (SafetensorsType Type, float[] Values)> Read(string folder)
    {
        using CheckpointReader reader = CheckpointReader.Open(folder);
        var tensors = new SortedDictionary<string, (SafetensorsType, float[])>(StringComparer.Ordinal);
        foreach (string name in reader.Names)
        {
            var values = new float[reader.Find(name).Count];
            reader.ReadFloats(name, values);
            tensors.Add(name, (reader.Find(name).Type, values));
        }

        return tensors;
    }
}
