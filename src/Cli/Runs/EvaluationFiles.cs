using System.Globalization;
using Actors.Model;
using Actors.Model.Checkpoint;
using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Cli.Runs;

/// <summary>The files of an evaluation: token ids in, logits, loss, choices and gradients out.</summary>
internal static class EvaluationFiles
{
    private const string Input = "input_ids";

    /// <summary>Reads <c>input_ids</c> [B, S].</summary>
    /// <exception cref="CheckpointException">It is missing, not two-dimensional, or holds what is no token.</exception>
    public static (int[] Ids, int Sequences, int Length) Read(string path, ModelConfig config)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        SafetensorsTensor tensor = file.Find(Input);
        if (tensor.Shape.Count != 2 || tensor.Shape[0] < 1 || tensor.Shape[1] < 2)
        {
            throw new CheckpointException(path, $"{Input} is {tensor.ShapeText}; it must be [batch, sequence] with at least one sequence of two tokens");
        }

        if (tensor.Shape[1] > config.MaxPositions)
        {
            throw new CheckpointException(path, $"{Input} is {tensor.ShapeText}; the model has {config.MaxPositions} positions");
        }

        long[] values = file.ReadLongs(Input);
        var ids = new int[values.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = values[i] >= 0 && values[i] < config.VocabularySize
                ? (int)values[i]
                : throw new CheckpointException(path, $"{Input} has {values[i]} at place {i}; the vocabulary is 0..{config.VocabularySize - 1}");
        }

        return (ids, (int)tensor.Shape[0], (int)tensor.Shape[1]);
    }

    /// <summary>Each token's successor in its sequence; the last one has none.</summary>
    public static int[] Targets(int[] ids, int length)
    {
        var targets = new int[ids.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            targets[i] = (i + 1) % length == 0 ? -1 : ids[i + 1];
        }

        return targets;
    }

    /// <summary>Writes the results.</summary>
    /// <param name="path">File to write.</param>
    /// <param name="config">The model.</param>
    /// <param name="sequences">B.</param>
    /// <param name="length">S.</param>
    /// <param name="loss">Mean next-token loss.</param>
    /// <param name="logits">(B · S, vocabulary).</param>
    /// <param name="experts">For each layer the choices (B · S, K), empty for a dense one.</param>
    /// <param name="gradients">Gradients of every trained block, or none.</param>
    public static void Write(
        string path, ModelConfig config, int sequences, int length, double loss, ReadOnlySpan<float> logits, IReadOnlyList<int[]> experts,
        IReadOnlyList<(ParameterBlock Block, Tensor Gradient)> gradients)
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

        if (gradients.Count > 0)
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

        foreach ((ParameterBlock block, Tensor gradient) in gradients)
        {
            foreach (HubTensor tensor in block.Tensors)
            {
                writer.WriteFloats("grad." + tensor.Name, ParameterBlock.View(gradient, tensor).AsSpan<float>());
            }
        }

        writer.Commit();
    }

    private static string ChoicesOf(int layer) => "topk." + layer.ToString(CultureInfo.InvariantCulture);
}
