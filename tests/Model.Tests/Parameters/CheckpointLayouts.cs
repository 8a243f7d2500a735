using System.Text.Json;
using Actors.Cpu;
using Actors.Model.Checkpoint;
using Actors.Model.Parameters;
using Actors.Model.Tests.Checkpoint;

namespace Actors.Model.Tests.Parameters;

/// <summary>Folders that other tools write give the same values as the plain folder of the same model, or say what they hold instead.</summary>
public sealed class CheckpointLayouts : IDisposable
{
    private const string Index = "model.safetensors.index.json";

    private readonly TemporaryFolder _folder = new();
    private readonly TinyModel _model = new(new CpuBackend(), seed: 1);
    private readonly List<RawTensor> _tensors;

    public CheckpointLayouts()
    {
        using (CheckpointWriter writer = CheckpointWriter.Create(_folder.Path, ModelCheckpoint.Tensors(_model.Config)))
        {
            ModelCheckpoint.Save(_model.Stream, writer, _model.Weights);
            writer.Commit();
        }

        _tensors = RawTensor.Read(Single);
    }

    private string Single => _folder.File("model.safetensors");

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("model.layers.0.self_attn.rotary_emb.inv_freq", "F32")]
    [InlineData("model.layers.2.self_attn.rotary_emb.cos_cached", "BF16")]
    [InlineData("model.rotary_emb.original_inv_freq", "F32")]
    [InlineData("model.layers.3.eh_proj.weight", "F8_E4M3")]
    [InlineData("model.layers.3.mlp.experts.gate_up_proj", "BF16")]
    [InlineData("model.layers.61.mlp.gate.e_score_correction_bias", "BOOL")]
    public void What_no_model_reads_is_passed_over(string name, string type)
    {
        int bytes = type switch { "F32" => 4, "BF16" => 2, _ => 1 };
        RawTensor.Write(Single, [.. _tensors, new RawTensor(name, type, [6], Enumerable.Repeat((byte)0xFF, 6 * bytes).ToArray())]);
        AssertLoads();
    }

    [Theory]
    [InlineData("model.layers.2.self_attn.inv_freq")]
    [InlineData("model.layers.2.rotary_emb_weight")]
    [InlineData("model.layers.x.weight")]
    [InlineData("stranger")]
    public void Any_other_tensor_is_refused(string name)
    {
        RawTensor.Write(Single, [.. _tensors, RawTensor.Floats(name, [1], 0)]);
        Refused($"holds {name}, which the model of its config.json does not have");
    }

    [Fact]
    public void A_stale_copy_in_another_shard_is_not_read()
    {
        Shard([RawTensor.Floats("lm_head.weight", [1], float.NaN), RawTensor.Floats("model.rotary_emb.inv_freq", [1], 1)]);
        AssertLoads();
    }

    [Fact]
    public void A_tensor_that_the_index_does_not_know_is_refused()
    {
        Shard([RawTensor.Floats("stranger", [1], 0)]);
        Refused("model-1.safetensors: holds stranger, which the folder's index does not place in any file");
    }

    [Fact]
    public void A_tensor_that_the_index_lost_is_not_read_behind_its_back()
    {
        Shard([]);
        string text = File.ReadAllText(_folder.File(Index));
        File.WriteAllText(_folder.File(Index), text.Replace("\"lm_head.weight\":\"model-2.safetensors\"", "\"x\":\"model-2.safetensors\"", StringComparison.Ordinal));
        Assert.Contains(
            "has no tensor x, although", Assert.Throws<CheckpointException>(() => CheckpointReader.Open(_folder.Path)).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder.File(Index), text.Replace(",\"lm_head.weight\":\"model-2.safetensors\"", "", StringComparison.Ordinal));
        Refused("has no tensor lm_head.weight; model-2.safetensors holds one, but model.safetensors.index.json does not place it there");
    }

    [Fact]
    public void Experts_fused_in_one_tensor_are_read_one_by_one()
    {
        RawTensor.Write(Single, Fused());
        AssertLoads();
    }

    [Fact]
    public void Experts_fused_the_other_way_round_are_named()
    {
        RawTensor.Write(Single, Fused().Select(tensor => tensor.Shape.Length == 3 ? tensor with { Shape = [tensor.Shape[0], tensor.Shape[2], tensor.Shape[1]] } : tensor));
        Refused("model.layers.1.mlp.experts.0.gate_proj.weight (in model.layers.1.mlp.experts.gate_up_proj): has shape [10, 24], the model's config.json wants [12, 20]");
    }

    [Fact]
    public void Experts_fused_and_one_by_one_at_once_are_refused()
    {
        RawTensor.Write(Single, [.. _tensors, .. Fused().Where(tensor => tensor.Shape.Length == 3)]);
        Assert.Contains(
            "model.layers.1.mlp.experts.0.gate_proj.weight (in model.layers.1.mlp.experts.gate_up_proj), which is also",
            Assert.Throws<CheckpointException>(() => CheckpointReader.Open(_folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("language_model.")]
    [InlineData("model.language_model.")]
    public void The_prefix_of_a_language_model_is_left_out(string prefix)
    {
        RawTensor.Write(Single, Renamed(name => prefix.StartsWith("model.", StringComparison.Ordinal)
            ? name.Replace("model.", prefix, StringComparison.Ordinal)
            : prefix + name));
        AssertLoads();
    }

    [Fact]
    public void A_missing_tensor_says_what_is_there_instead()
    {
        RawTensor.Write(Single, Renamed(name => name.Replace("model.", "transformer.", StringComparison.Ordinal)));
        Refused("has no tensor model.embed_tokens.weight; it holds transformer.embed_tokens.weight: rename");
        RawTensor.Write(Single, Renamed(name => name.Replace("model.", "", StringComparison.Ordinal)));
        Refused("has no tensor model.embed_tokens.weight; it holds embed_tokens.weight: rename");
        RawTensor.Write(Single, Renamed(name => name.Replace("q_a_proj", "q_proj", StringComparison.Ordinal)));
        Refused("has no tensor model.layers.0.self_attn.q_a_proj.weight; beside it are model.layers.0.self_attn.");
        RawTensor.Write(Single, _tensors.Where(tensor => tensor.Name != "lm_head.weight"));
        Refused("has no tensor lm_head.weight; set tie_word_embeddings to true");
        RawTensor.Write(Single, [RawTensor.Floats("a", [1], 1)]);
        Refused("has no tensor model.embed_tokens.weight; it holds 1 tensors, such as a");
        RawTensor.Write(Single, []);
        Refused("has no tensor model.embed_tokens.weight; it holds no tensors at all");
        RawTensor.Write(Single, Fused().Select(tensor => tensor.Shape.Length == 3 ? tensor with { Shape = [0, 5, 3], Bytes = [] } : tensor));
        Refused("has no tensor model.layers.1.mlp.experts.0.gate_proj.weight; it holds the experts as model.layers.1.mlp.experts.gate_up_proj F32[0, 5, 3]");
    }

    [Theory]
    [InlineData("model.embed_tokens.weight", float.NaN, "NaN")]
    [InlineData("model.layers.0.input_layernorm.weight", float.PositiveInfinity, "Infinity")]
    [InlineData("model.layers.1.mlp.gate.e_score_correction_bias", float.NaN, "NaN")]
    [InlineData("model.layers.2.mlp.experts.7.down_proj.weight", float.NegativeInfinity, "-Infinity")]
    [InlineData("lm_head.weight", float.NaN, "NaN")]
    public void A_value_that_is_not_finite_is_named_with_its_place(string name, float value, string text)
    {
        RawTensor wrong = _tensors.Single(tensor => tensor.Name == name);
        int last = wrong.Bytes.Length / sizeof(float) - 1;
        BitConverter.TryWriteBytes(wrong.Bytes.AsSpan(last * sizeof(float)), value);
        RawTensor.Write(Single, _tensors);
        string place = string.Join(", ", wrong.Shape.Select(size => size - 1));
        string error = Assert.Throws<CheckpointException>(() => Load().Dispose()).Message;
        Assert.StartsWith($"{Single}: {name}: the value at [{place}] is {text}, every value must be finite", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_moment_that_is_not_finite_is_named()
    {
        RawTensor.Write(Single, _tensors.Select(tensor => tensor with { Name = "second." + tensor.Name, Bytes = [.. tensor.Bytes[..^4], 0, 0, 0xC0, 0x7F] }));
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        string error = Assert.Throws<CheckpointException>(
            () => ModelCheckpoint.Load(_model.Stream, reader, _model.Weights.Blocks, block => block.Values, "second.")).Message;
        Assert.Contains("second.model.embed_tokens.weight: the value at [22, 19] is NaN", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_too_large_for_float32_is_named()
    {
        RawTensor[] tensors = [.. _tensors.Select(tensor => tensor.Name == "model.norm.weight"
            ? tensor with { Type = "F64", Bytes = [.. Enumerable.Repeat(BitConverter.GetBytes(1e300), 20).SelectMany(bytes => bytes)] }
            : tensor)];
        RawTensor.Write(Single, tensors);
        Assert.Contains(
            "model.norm.weight: the value at [0] is Infinity as float32", Assert.Throws<CheckpointException>(() => Load().Dispose()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_that_cannot_be_read_is_named_by_its_own_name()
    {
        RawTensor.Write(Single, _tensors.Select(tensor => tensor.Name == "model.norm.weight" ? tensor with { Type = "F8_E5M2", Bytes = new byte[20] } : tensor));
        Assert.Contains(
            "model.norm.weight: is F8_E5M2, expected one of F32, BF16, F16, F64",
            Assert.Throws<CheckpointException>(() => Load().Dispose()).Message,
            StringComparison.Ordinal);
    }

    private static Dictionary<string, float[]> Values(TinyModel model) => model.Weights.Blocks
        .SelectMany(block => block.Tensors.Select(tensor => (tensor.Name, ParameterBlock.View(block.Values, tensor).AsSpan<float>().ToArray())))
        .ToDictionary();

    private void AssertLoads()
    {
        using TinyModel loaded = Load();
        Assert.Equal(Values(_model), Values(loaded));
    }

    private TinyModel Load()
    {
        var loaded = new TinyModel(new CpuBackend(), seed: 2);
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        ModelCheckpoint.Check(reader, loaded.Config);
        ModelCheckpoint.Load(loaded.Stream, reader, loaded.Weights);
        return loaded;
    }

    private void Refused(string part)
    {
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        string message = Assert.Throws<CheckpointException>(() => ModelCheckpoint.Check(reader, _model.Config)).Message;
        Assert.DoesNotContain('\n', message);
        Assert.Contains(part, message, StringComparison.Ordinal);
    }

    private IEnumerable<RawTensor> Renamed(Func<string, string> rename) => _tensors.Select(tensor => tensor with { Name = rename(tensor.Name) });

    /// <summary>Two shards, the second with the last half of the tensors.</summary>
    private void Shard(RawTensor[] extraInFirst)
    {
        File.Delete(Single);
        RawTensor[] ordered = [.. _tensors.OrderBy(tensor => tensor.Name == "lm_head.weight")];
        int half = ordered.Length / 2;
        RawTensor.Write(_folder.File("model-1.safetensors"), [.. ordered[..half], .. extraInFirst]);
        RawTensor.Write(_folder.File("model-2.safetensors"), ordered[half..]);
        var map = ordered.Select((tensor, i) => (tensor.Name, File: i < half ? "model-1.safetensors" : "model-2.safetensors")).ToDictionary();
        File.WriteAllText(_folder.File(Index), "\uFEFF" + JsonSerializer.Serialize(new { metadata = new { total_size = 1 }, weight_map = map }));
    }

    /// <summary>The layout of transformers 5: (experts, 2 · inner, hidden) and (experts, hidden, inner).</summary>
    private List<RawTensor> Fused()
    {
        ModelConfig config = _model.Config;
        Dictionary<string, byte[]> bytes = _tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Bytes);
        List<RawTensor> fused = [.. _tensors.Where(tensor => !tensor.Name.Contains(".mlp.experts.", StringComparison.Ordinal))];
        foreach (int layer in Enumerable.Range(0, config.Layers).Where(config.HasExperts))
        {
            string experts = $"model.layers.{layer}.mlp.experts.";
            byte[] Join(params string[] parts) => [.. Enumerable.Range(0, config.RoutedExperts)
                .SelectMany(expert => parts.SelectMany(part => bytes[$"{experts}{expert}.{part}.weight"]))];
            fused.Add(new RawTensor(
                experts + "gate_up_proj", "F32", [config.RoutedExperts, 2 * config.ExpertIntermediateSize, config.HiddenSize], Join("gate_proj", "up_proj")));
            fused.Add(new RawTensor(
                experts + "down_proj", "F32", [config.RoutedExperts, config.HiddenSize, config.ExpertIntermediateSize], Join("down_proj")));
        }

        return fused;
    }
}
