using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Model.Tests.Reference;

/// <summary>A model and its numbers from Hugging Face transformers, float32, beside the checkout in shared/reference.</summary>
internal sealed class ReferenceCase
{
    private readonly Dictionary<string, (byte[] File, int Start, int End, int[] Shape)> _tensors = [];

    public ReferenceCase(string name)
    {
        string folder = Path.Combine(Root ?? throw new InvalidOperationException("There is no shared/reference."), name);
        Read(Path.Combine(folder, "model.safetensors"));
        Read(Path.Combine(folder, "case.safetensors"));
        using JsonDocument numbers = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "case.json")));
        Loss = numbers.RootElement.GetProperty("loss").GetDouble();
        TrainingLosses = [.. numbers.RootElement.GetProperty("train").EnumerateArray().Select(value => value.GetDouble())];
        GradientNorms = [.. numbers.RootElement.GetProperty("grad_norms").EnumerateArray().Select(value => value.GetDouble())];
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "config.json")));
        Config = ReadConfig(config.RootElement);
    }

    /// <summary>The folder of all cases, or null.</summary>
    public static string? Root { get; } = FindRoot();

    public ModelConfig Config { get; }

    public double Loss { get; }

    public double[] TrainingLosses { get; }

    public double[] GradientNorms { get; }

    public IEnumerable<string> Names => _tensors.Keys;

    public int[] Shape(string name) => _tensors[name].Shape;

    public ReadOnlySpan<float> Floats(string name) => MemoryMarshal.Cast<byte, float>(Bytes(name));

    public int[] Ints(string name) => [.. MemoryMarshal.Cast<byte, long>(Bytes(name)).ToArray().Select(value => (int)value)];

    /// <summary>Fills all values of <paramref name="weights"/>.</summary>
    public void Load(IStream stream, ModelWeights weights)
    {
        foreach (ParameterBlock block in weights.Blocks)
        {
            foreach (HubTensor tensor in block.Tensors)
            {
                stream.Upload(Bytes(tensor.Name), ParameterBlock.View(block.Values, tensor));
            }
        }

        weights.Prepare(stream);
    }

    /// <summary>The reference's gradient of a hub tensor; experts are fused there.</summary>
    public ReadOnlySpan<float> Gradient(HubTensor tensor)
    {
        int at = tensor.Name.IndexOf(".experts.", StringComparison.Ordinal);
        if (at < 0)
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
        return Floats(fused).Slice(index * count, count);
    }

    private ReadOnlySpan<byte> Bytes(string name)
    {
        (byte[] file, int start, int end, _) = _tensors[name];
        return file.AsSpan(start, end - start);
    }

    private void Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int header = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        using JsonDocument json = JsonDocument.Parse(file.AsMemory(8, header));
        foreach (JsonProperty entry in json.RootElement.EnumerateObject())
        {
            if (entry.Name != "__metadata__")
            {
                JsonElement offsets = entry.Value.GetProperty("data_offsets");
                int[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(value => value.GetInt32())];
                _tensors.Add(entry.Name, (file, 8 + header + offsets[0].GetInt32(), 8 + header + offsets[1].GetInt32(), shape));
            }
        }
    }

    private static ModelConfig ReadConfig(JsonElement json)
    {
        JsonElement rope = json.GetProperty("rope_parameters");
        bool yarn = rope.GetProperty("rope_type").GetString() == "yarn";
        return new ModelConfig
        {
            VocabularySize = Int("vocab_size"),
            HiddenSize = Int("hidden_size"),
            IntermediateSize = Int("intermediate_size"),
            ExpertIntermediateSize = Int("moe_intermediate_size"),
            Layers = Int("num_hidden_layers"),
            Heads = Int("num_attention_heads"),
            SharedExperts = Int("n_shared_experts"),
            RoutedExperts = Int("n_routed_experts"),
            RoutedScalingFactor = json.GetProperty("routed_scaling_factor").GetDouble(),
            KeyValueRank = Int("kv_lora_rank"),
            QueryRank = json.GetProperty("q_lora_rank").ValueKind == JsonValueKind.Null ? null : Int("q_lora_rank"),
            RopeHeadSize = Int("qk_rope_head_dim"),
            NopeHeadSize = Int("qk_nope_head_dim"),
            ValueHeadSize = Int("v_head_dim"),
            ExpertGroups = Int("n_group"),
            ExpertGroupsKept = Int("topk_group"),
            ExpertsPerToken = Int("num_experts_per_tok"),
            FirstDenseLayers = Int("first_k_dense_replace"),
            NormalizeExpertWeights = json.GetProperty("norm_topk_prob").GetBoolean(),
            MaxPositions = Int("max_position_embeddings"),
            InitializerRange = json.GetProperty("initializer_range").GetDouble(),
            RmsNormEpsilon = json.GetProperty("rms_norm_eps").GetDouble(),
            Rope = new RopeConfig
            {
                Theta = rope.GetProperty("rope_theta").GetDouble(),
                Yarn = !yarn ? null : new YarnConfig
                {
                    Factor = rope.GetProperty("factor").GetDouble(),
                    OriginalMaxPositions = rope.GetProperty("original_max_position_embeddings").GetInt32(),
                    BetaFast = rope.GetProperty("beta_fast").GetDouble(),
                    BetaSlow = rope.GetProperty("beta_slow").GetDouble(),
                    Mscale = rope.GetProperty("mscale").GetDouble(),
                    MscaleAllDim = rope.GetProperty("mscale_all_dim").GetDouble(),
                },
            },
        };

        int Int(string key) => json.GetProperty(key).GetInt32();
    }

    private static string? FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "reference");
            if (Directory.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
