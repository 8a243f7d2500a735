using System.Text.Json;
using Actors.Model;
using Actors.Model.Checkpoint;
using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Tests.Support.Reference;

/// <summary>
/// A model and its numbers from Hugging Face transformers, float32; those with prediction modules beside transformers' model are under mtp. The smallest is in tests/Support/Reference/cases; larger ones are found
/// in a folder shared/reference beside or above the checkout. bench/hf_reference.py makes them.
/// </summary>
public sealed class ReferenceCase : IDisposable
{
    private readonly string _folder;
    private readonly SafetensorsFile _case;

    public ReferenceCase(string name)
    {
        _folder = FindFolder(name) ?? throw new InvalidOperationException($"There is no reference case {name}.");
        _case = SafetensorsFile.Open(Path.Combine(_folder, "case.safetensors"));
        using (CheckpointReader reader = CheckpointReader.Open(_folder))
        {
            Config = ModelCheckpoint.WithPresentModules(reader, HubConfig.Read(Path.Combine(_folder, HubConfig.FileName)).Model);
        }

        using JsonDocument numbers = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder, "case.json")));
        JsonElement root = numbers.RootElement;
        Losses = root.TryGetProperty("losses", out JsonElement losses) ? Numbers(losses) : Numbers(root.GetProperty("loss"));
        TrainingLosses = [.. root.GetProperty("train").EnumerateArray().Select(Numbers)];
    }

    public ModelConfig Config { get; }

    /// <summary>Of the main model, then of each prediction module.</summary>
    public double[] Losses { get; }

    /// <summary>The same of each training step.</summary>
    public double[][] TrainingLosses { get; }

    /// <summary>λ of the cases with prediction modules.</summary>
    public static double PredictionWeight => 0.3;

    /// <summary>The folder of a case, or a file of numbers, or null where it is not here.</summary>
    public static string? FindFolder(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string own = Path.Combine(folder.FullName, "tests", "Support", "Reference", "cases", name);
            string shared = Path.Combine(folder.FullName, "shared", "reference", name);
            if (Path.Exists(own) || Path.Exists(shared))
            {
                return Path.Exists(own) ? own : shared;
            }
        }

        return null;
    }

    public int[] Shape(string name) => [.. _case.Find(name).Shape.Select(size => (int)size)];

    public float[] Floats(string name) => _case.ReadFloats(name);

    public int[] Ints(string name) => [.. _case.ReadLongs(name).Select(value => (int)value)];

    /// <summary>Fills all values of <paramref name="weights"/> from the case's checkpoint.</summary>
    public void Load(IStream stream, ModelWeights weights)
    {
        using CheckpointReader reader = CheckpointReader.Open(_folder);
        ModelCheckpoint.Check(reader, Config);
        ModelCheckpoint.Load(stream, reader, weights);
    }

    /// <summary>The reference's gradient of a hub tensor; experts are fused there.</summary>
    public ReadOnlySpan<float> Gradient(HubTensor tensor)
    {
        int at = tensor.Name.IndexOf(".experts.", StringComparison.Ordinal);
        if (at < 0 || _case.Tensors.ContainsKey("grad." + tensor.Name))
        {
            return Floats("grad." + tensor.Name);
        }

        string[] rest = tensor.Name[(at + ".experts.".Length)..].Split('.');
        string fused = $"grad.{tensor.Name[..at]}.experts.{(rest[1] == "down_proj" ? "down_proj" : "gate_up_proj")}";
        int count = tensor.Rows * tensor.Columns;
        int index = rest[1] switch
        {
            "down_proj" => int.Parse(rest[0]),
            "gate_proj" => 2 * int.Parse(rest[0]),
            _ => 2 * int.Parse(rest[0]) + 1,
        };
        return Floats(fused).AsSpan(index * count, count);
    }

    public void Dispose() => _case.Dispose();

    private static double[] Numbers(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray().Select(value => value.GetDouble())] : [element.GetDouble()];
}
