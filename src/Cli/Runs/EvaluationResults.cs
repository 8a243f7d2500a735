using System.Globalization;
using Actors.Model;
using Actors.Model.Checkpoint;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Oracle;

namespace Actors.Cli.Runs;

/// <summary>The file that an evaluation writes: logits, loss, choices and gradients.</summary>
internal static class EvaluationResults
{
    /// <summary>Writes the results.</summary>
    /// <param name="path">File to write.</param>
    /// <param name="config">The model.</param>
    /// <param name="sequences">B.</param>
    /// <param name="length">S.</param>
    /// <param name="result">Logits, losses and choices.</param>
    /// <param name="gradients">The gradient of every trained block with the tensors that lie in it, each read when it is written; null: none.</param>
    public static async Task WriteAsync(
        string path, ModelConfig config, int sequences, int length, Evaluation result,
        IAsyncEnumerable<(IReadOnlyList<HubTensor> Tensors, float[] Gradient)>? gradients)
    {
        var tensors = new List<SafetensorsTensor>();
        for (int depth = 0; depth < result.Losses.Length; depth++)
        {
            int rows = PredictionTokens.TargetsOf(length, depth);
            tensors.Add(new SafetensorsTensor("logits" + SuffixOf(depth), SafetensorsType.F32, [sequences, rows, config.VocabularySize]));
            tensors.Add(new SafetensorsTensor("loss" + SuffixOf(depth), SafetensorsType.F32, []));
        }

        for (int layer = 0; layer < result.Experts.Count; layer++)
        {
            if (result.Experts[layer].Length > 0)
            {
                tensors.Add(new SafetensorsTensor(
                    ChoicesOf(layer), SafetensorsType.I64, [result.Experts[layer].Length / config.ExpertsPerToken, config.ExpertsPerToken]));
            }
        }

        if (gradients is not null)
        {
            tensors.AddRange(ModelCheckpoint.Tensors(config, "grad.", trainedOnly: true));
        }

        using SafetensorsWriter writer = SafetensorsWriter.Create(path, tensors);
        for (int depth = 0; depth < result.Losses.Length; depth++)
        {
            writer.WriteFloats("logits" + SuffixOf(depth), result.LogitsOf[depth]);
            writer.WriteFloats("loss" + SuffixOf(depth), [(float)result.Losses[depth]]);
        }

        for (int layer = 0; layer < result.Experts.Count; layer++)
        {
            if (result.Experts[layer].Length > 0)
            {
                writer.WriteLongs(ChoicesOf(layer), [.. result.Experts[layer].Select(expert => (long)expert)]);
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

    /// <summary>The main model's have none, those of prediction module k <c>.mtp.k</c>.</summary>
    private static string SuffixOf(int depth) => depth == 0 ? "" : ".mtp." + depth.ToString(CultureInfo.InvariantCulture);

    private static string ChoicesOf(int layer) => "topk." + layer.ToString(CultureInfo.InvariantCulture);
}
