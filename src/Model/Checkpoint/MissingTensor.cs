namespace Actors.Model.Checkpoint;

/// <summary>What a checkpoint holds instead of a tensor that it lacks, and what to do about it.</summary>
internal static class MissingTensor
{
    private const string Model = "model.";
    private const string Head = "lm_head.weight";
    private const int MaxNames = 3;

    /// <summary>The reason in one line.</summary>
    /// <param name="name">What is missing.</param>
    /// <param name="places">What is there.</param>
    public static string Explain(string name, IReadOnlyDictionary<string, TensorPlace> places)
    {
        if (places.Count == 0)
        {
            return "it holds no tensors at all; copy or write it again";
        }

        string core = name.StartsWith(Model, StringComparison.Ordinal) ? name[Model.Length..] : name;
        if (places.Keys.FirstOrDefault(other => other == core || other.EndsWith("." + core, StringComparison.Ordinal)) is { } same)
        {
            return $"it holds {same}: rename its tensors as the hub's model has them";
        }

        int experts = name.IndexOf(".mlp.experts.", StringComparison.Ordinal);
        if (experts > 0 && InModule(name[..experts] + ".mlp.experts.", places).FirstOrDefault(place => place.Tensor.Shape.Count == 3) is { } fused)
        {
            return $"it holds the experts as {fused.Tensor}: gate_up_proj must be [experts, 2 · inner, hidden] and down_proj [experts, hidden, inner]; "
                + "transpose them, or save one matrix an expert";
        }

        if (name == Head)
        {
            return "set tie_word_embeddings to true in config.json if the head is the embedding; otherwise the checkpoint is not complete";
        }

        int module = name.LastIndexOf('.');
        module = module > 0 ? name.LastIndexOf('.', module - 1) : module;
        TensorPlace[] beside = [.. module > 0 ? InModule(name[..(module + 1)], places).Take(MaxNames) : []];
        string found = beside.Length > 0
            ? $"beside it are {string.Join(", ", beside.Select(place => place.Tensor.ToString()))}"
            : $"it holds {places.Count} tensors, such as {places.Keys.First()}";
        return $"{found}; its config.json describes another model, or the checkpoint is not complete";
    }

    private static IEnumerable<TensorPlace> InModule(string prefix, IReadOnlyDictionary<string, TensorPlace> places) =>
        places.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(entry => entry.Value);
}
