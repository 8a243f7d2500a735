using Actors.Model;
using Actors.Model.Checkpoint;

namespace Actors.Cli.Runs;

/// <summary>Tokens to evaluate and what is to be predicted at each of them.</summary>
/// <param name="Ids">Token ids (sequences, length), padding on the right.</param>
/// <param name="Targets">The token to predict at each place (sequences, length); −1 counts nothing.</param>
/// <param name="Sequences">B.</param>
/// <param name="Length">S.</param>
/// <param name="Tokens">Tokens that are no padding.</param>
/// <param name="Notices">What of the file was not used, for people.</param>
internal sealed record EvaluationInput(int[] Ids, int[] Targets, int Sequences, int Length, int Tokens, IReadOnlyList<string> Notices)
{
    private const string IdsName = "input_ids";
    private const string MaskName = "attention_mask";
    private const string LabelsName = "labels";
    private const int NoLabel = -100;

    /// <summary>
    /// Reads <c>input_ids</c> [B, S] with <c>attention_mask</c> (1: a token, 0: padding on its right) and <c>labels</c> (−100: nothing to
    /// predict) of the same shape, each of which may be missing. A label stands at its own token's place, as on the hub: that of place i is
    /// predicted at i − 1. Attention is causal, so padding on the right changes no token's result.
    /// </summary>
    /// <exception cref="CheckpointException"><c>input_ids</c> is missing, or a tensor has a shape or a value that means nothing; it is named.</exception>
    public static EvaluationInput Read(string path, ModelConfig config)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        SafetensorsTensor tensor = file.Find(IdsName);
        if (tensor.Shape.Count != 2 || tensor.Shape[0] < 1 || tensor.Shape[1] < 2)
        {
            throw new CheckpointException(path, $"{IdsName} is {tensor.ShapeText}; it must be [batch, sequence] with at least one sequence of two tokens");
        }

        if (tensor.Shape[1] > config.MaxPositions)
        {
            throw new CheckpointException(path, $"{IdsName} is {tensor.ShapeText}; the model has {config.MaxPositions} positions");
        }

        int sequences = (int)tensor.Shape[0], length = (int)tensor.Shape[1];
        int[] ids = ReadTokens(file, tensor, length, config.VocabularySize, none: null);
        int[] lengths = ReadLengths(file, tensor, sequences, length);
        int[]? labels = file.Tensors.ContainsKey(LabelsName) ? ReadTokens(file, tensor, length, config.VocabularySize, NoLabel) : null;
        var notices = new List<string>();
        int[] targets = TargetsOf(labels ?? ids, lengths, length, out int left);
        if (labels is not null && left > 0)
        {
            notices.Add($"{path}: {left} {LabelsName} at places that {MaskName} says are padding are not counted; mark them with {NoLabel}");
        }

        string[] unused = [.. file.Names.Where(name => name is not (IdsName or MaskName or LabelsName))];
        if (unused.Length > 0)
        {
            notices.Add($"{path}: {string.Join(", ", unused)}: not used; eval reads {IdsName}, {MaskName} and {LabelsName}");
        }

        return targets.Any(target => target >= 0)
            ? new EvaluationInput(ids, targets, sequences, length, lengths.Sum(), notices)
            : throw new CheckpointException(path, $"{LabelsName} or {MaskName} leave no token to predict: give a sequence with two tokens and a label behind its first");
    }

    /// <summary>Each place's target is the next place's token, unless that is padding.</summary>
    private static int[] TargetsOf(int[] tokens, int[] lengths, int length, out int left)
    {
        var targets = new int[tokens.Length];
        Array.Fill(targets, -1);
        left = 0;
        for (int i = 0; i < tokens.Length; i++)
        {
            int place = i % length;
            if (place >= lengths[i / length])
            {
                left += tokens[i] >= 0 ? 1 : 0;
            }
            else if (place > 0)
            {
                targets[i - 1] = tokens[i];
            }
        }

        return targets;
    }

    /// <summary>Tokens of input_ids, or of labels, where <paramref name="none"/> becomes −1.</summary>
    private static int[] ReadTokens(SafetensorsFile file, SafetensorsTensor like, int length, int vocabulary, int? none)
    {
        string name = none is null ? IdsName : LabelsName;
        long[] values = ReadLike(file, name, like);
        var tokens = new int[values.Length];
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i] = values[i] == none ? -1
                : values[i] >= 0 && values[i] < vocabulary ? (int)values[i]
                : throw new CheckpointException(
                    file.Path,
                    $"{name} has {values[i]} at place {i % length} of row {i / length}; the vocabulary is 0..{vocabulary - 1}"
                    + (none is null ? "" : $", and {none} marks what is not predicted"));
        }

        return tokens;
    }

    /// <summary>Tokens of each row before its padding.</summary>
    private static int[] ReadLengths(SafetensorsFile file, SafetensorsTensor ids, int sequences, int length)
    {
        var lengths = new int[sequences];
        if (!file.Tensors.ContainsKey(MaskName))
        {
            Array.Fill(lengths, length);
            return lengths;
        }

        long[] mask = ReadLike(file, MaskName, ids);
        for (int row = 0; row < sequences; row++)
        {
            ReadOnlySpan<long> values = mask.AsSpan(row * length, length);
            if (values.IndexOfAnyExcept(0, 1) is int other and >= 0)
            {
                throw new CheckpointException(file.Path, $"{MaskName} has {values[other]} at place {other} of row {row}; it must be 1 for a token, 0 for padding");
            }

            int end = values.LastIndexOf(1) + 1;
            if (values[..end].IndexOf(0) is int hole and >= 0)
            {
                throw new CheckpointException(
                    file.Path,
                    $"{MaskName} has a 0 before a 1 in row {row}, at place {hole}: padding on the left and gaps are not supported; put the padding behind the tokens");
            }

            lengths[row] = end;
        }

        return lengths;
    }

    private static long[] ReadLike(SafetensorsFile file, string name, SafetensorsTensor like)
    {
        SafetensorsTensor tensor = file.Find(name);
        return tensor.Shape.SequenceEqual(like.Shape)
            ? file.ReadLongs(name)
            : throw new CheckpointException(file.Path, $"{name} is {tensor.ShapeText}; it must be {like.ShapeText}, as {IdsName} is");
    }
}
