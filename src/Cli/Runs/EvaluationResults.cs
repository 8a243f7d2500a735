using System.Globalization;
using Actors.Model;
using Actors.Model.Checkpoint;
using Actors.Model.Parameters;

namespace Actors.Cli.Runs;

/// <summary>The file that an evaluation writes: logits, loss, choices and gradients.</summary>
internal static class EvaluationResults
{
    /// <summary>Writes the results.</summary>
    /// <param name="path">File to write.</param>
    /// <param name="config">The model.</param>
    /// <param name="sequences">B.</param>
    /// <param name="length">S.</param>
    /// <param name="loss">Mean next-token loss.</param>
    /// <param name="logits">(B · S, vocabulary).</param>
    /// <param name="experts">For each layer the choices (B · S, K), empty for a dense one.</param>
    /// <param name="gradients">The gradient of every trained block with the tensors that lie in it, each read when it is written; null: none.</param>
    public static async Task WriteAsync(
        string path, ModelConfig config, int sequences, int length, double loss, float[] logits, IReadOnlyList<int[]> experts,
        IAsyncEnumerable<(IReadOnlyList<HubTensor> Tensors, float[] Gradient)>? gradients)
    {
        var tensors = new List<SafetensorsTensor>
        {
            new("logits", SafetensorsType.F32, [sequences, length, config.VocabularySize]),
            new("loss", SafetensorsType.F32, []),
        };
        for (int layer = 0; layer < experts.Count; layer++)
        {
            if (experts[layer].Length > 0)
            {
                tensors.Add(new SafetensorsTensor(ChoicesOf(layer), SafetensorsType.I64, [(long)sequences * length, config.ExpertsPerToken]));
            }
        }

        if (gradients is not null)
        {
            tensors.AddRange(ModelCheckpoint.Tensors(config, "grad.", trainedOnly: true));
        }

        using SafetensorsWriter writer = SafetensorsWriter.Create(path, tensors);
        writer.WriteFloats("logits", logits);
        writer.WriteFloats("loss", [(float)loss]);
        for (int layer = 0; layer < experts.Count; layer++)
        {
            if (experts[layer].Length > 0)
            {
                writer.WriteLongs(ChoicesOf(layer), [.. experts[layer].Select(expert => (long)expert)]);
            }
        }

        await foreach ((IReadOnlyList<HubTensor> blockTensors, float[] gradient) in gradients ?? AsyncEnumerable.Empty<(IReadOnlyList<HubTensor>, float[])>())
        {
            foreach (HubTensor tensor in blockTensors)
            {
                writer.WriteFloats("grad." + tensor.Name, tensor.RowsOf(gradient));
            }
        }

        writer.Commit();
    }

    private static string ChoicesOf(int layer) => "topk." + layer.ToString(CultureInfo.InvariantCulture);
}
