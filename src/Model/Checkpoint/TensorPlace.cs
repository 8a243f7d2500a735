namespace Actors.Model.Checkpoint;

/// <summary>Where the values of a model's tensor are: in a tensor of a file, or in a run of one.</summary>
/// <param name="File">The file.</param>
/// <param name="Stored">The tensor in it.</param>
/// <param name="Start">First element in it.</param>
/// <param name="Tensor">Name and shape as the model has them.</param>
internal sealed record TensorPlace(SafetensorsFile File, SafetensorsTensor Stored, long Start, SafetensorsTensor Tensor)
{
    private const string GateUp = ".mlp.experts.gate_up_proj";
    private const string Down = ".mlp.experts.down_proj";
    private const int MaxExperts = 1 << 16;

    /// <summary>The tensor's name, with the name in the file where that is another.</summary>
    public string NameText => Stored.Name == Tensor.Name ? Tensor.Name : $"{Tensor.Name} (in {Stored.Name})";

    /// <summary>
    /// What a stored tensor is to the model: itself, without the prefix of a language model inside a larger one; or, where it holds a layer's experts
    /// fused as (experts, 2 · inner, hidden) or (experts, hidden, inner), their matrices.
    /// </summary>
    public static IEnumerable<TensorPlace> Of(SafetensorsFile file, SafetensorsTensor stored)
    {
        string name = HubName(stored.Name);
        bool isGateUp = name.EndsWith(GateUp, StringComparison.Ordinal);
        if ((!isGateUp && !name.EndsWith(Down, StringComparison.Ordinal))
            || stored.Shape is not [> 0 and <= MaxExperts, var rows, var columns] || (isGateUp && rows % 2 != 0))
        {
            yield return new TensorPlace(file, stored, 0, stored with { Name = name });
            yield break;
        }

        string experts = name[..(name.LastIndexOf('.') + 1)];
        string[] parts = isGateUp ? ["gate_proj", "up_proj"] : ["down_proj"];
        long[] shape = [rows / parts.Length, columns];
        for (long i = 0; i < stored.Shape[0] * parts.Length; i++)
        {
            string part = $"{experts}{i / parts.Length}.{parts[i % parts.Length]}.weight";
            yield return new TensorPlace(file, stored, i * shape[0] * columns, stored with { Name = part, Shape = shape });
        }
    }

    private static string HubName(string name)
    {
        const string language = "language_model.";
        const string within = "model." + language;
        return name.StartsWith(language, StringComparison.Ordinal) ? name[language.Length..]
            : name.StartsWith(within, StringComparison.Ordinal) ? "model." + name[within.Length..]
            : name;
    }
}
