namespace Actors.Model.Checkpoint;

/// <summary>
/// Which tensors DeepSeek-V3's published checkpoint has in FP8: the matrices of attention and of dense, shared and routed feed-forwards, those of prediction
/// modules among them. Embedding, output head, gates, norms, correction biases and eh_proj it has not.
/// </summary>
internal static class QuantizedMatrices
{
    private const string Weight = ".weight";

    private static readonly HashSet<string> Modules = new(StringComparer.Ordinal)
    {
        "q_proj", "q_a_proj", "q_b_proj", "kv_a_proj_with_mqa", "kv_b_proj", "o_proj", "gate_proj", "up_proj", "down_proj",
    };

    /// <summary>Whether a tensor is one of them, by its name.</summary>
    public static bool Contains(SafetensorsTensor tensor)
    {
        if (tensor.Shape.Count != 2 || !tensor.Name.EndsWith(Weight, StringComparison.Ordinal))
        {
            return false;
        }

        string module = tensor.Name[..^Weight.Length];
        return Modules.Contains(module[(module.LastIndexOf('.') + 1)..]);
    }
}
