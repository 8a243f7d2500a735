namespace Actors.Model.Checkpoint;

/// <summary>
/// A Hugging Face <c>deepseek_v3</c> config.json: the model that it describes, and the keys that this project has no use
/// for, which are written back as they came.
/// </summary>
public sealed class HubConfig
{
    /// <summary>Name of the file in a model's folder.</summary>
    public const string FileName = "config.json";

    private readonly SortedDictionary<string, string> _others;
    private readonly RopeSpelling _spelling;

    private HubConfig(ModelConfig model, SortedDictionary<string, string> others, RopeSpelling spelling)
    {
        Model = model;
        _others = others;
        _spelling = spelling;
    }

    /// <summary>The model's sizes and rules.</summary>
    public ModelConfig Model { get; }

    /// <summary>JSON text of the keys that have no place in <see cref="Model"/>.</summary>
    public IReadOnlyDictionary<string, string> Others => _others;

    /// <summary>A file for a model made here, in the hub's present style and with float32 tensors.</summary>
    public static HubConfig Create(ModelConfig model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var others = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["architectures"] = "[\"DeepseekV3ForCausalLM\"]",
            ["dtype"] = "\"float32\"",
        };
        return new HubConfig(model, others, RopeSpelling.Present);
    }

    /// <summary>The same file for another model, such as one with changed keys.</summary>
    public HubConfig With(ModelConfig model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new HubConfig(model, _others, _spelling);
    }

    /// <summary>The same file where its tensors are float32, whatever they were in the file that was read.</summary>
    public HubConfig WithFloat32() => WithType(SafetensorsType.F32);

    /// <summary>
    /// The same file where its tensors are of a type, whatever they were in the file that was read. Of E4M3 are the matrices that the published model has in it,
    /// the others of bfloat16.
    /// </summary>
    public HubConfig WithType(SafetensorsType type)
    {
        string name = type switch
        {
            SafetensorsType.F32 => "\"float32\"",
            SafetensorsType.BF16 or SafetensorsType.E4M3 => "\"bfloat16\"",
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type that models are written in."),
        };
        var others = new SortedDictionary<string, string>(_others, StringComparer.Ordinal);
        string[] said = [.. new[] { "dtype", "torch_dtype" }.Where(others.ContainsKey)];
        foreach (string key in said.Length > 0 ? said : ["dtype"])
        {
            others[key] = name;
        }

        if (type == SafetensorsType.E4M3)
        {
            others.TryAdd(HubQuantization.Key, HubQuantization.Json);
        }
        else
        {
            others.Remove(HubQuantization.Key);
        }

        return new HubConfig(Model, others, _spelling);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="CheckpointException">
    /// It is missing or no JSON, or a key is missing, of the wrong kind, out of range or not supported.
    /// </exception>
    public static HubConfig Read(string path) => ConfigObject.ReadFile(path, root =>
    {
        RefuseUnsupported(root);
        (RopeConfig rope, RopeSpelling spelling) = HubRope.Read(root);
        ModelConfig model = ReadModel(root, rope);
        model.Validate();
        RefuseContradictions(root, model);
        var others = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string json) in root.Unread())
        {
            others[key] = json;
        }

        return new HubConfig(model, others, spelling);
    });

    /// <summary>Writes the file beside, syncs and renames it; keys are sorted, as the hub does.</summary>
    /// <exception cref="CheckpointException">The disk refuses; what was there stays.</exception>
    public void Write(string path) => AtomicFile.Write(path, HubConfigText.Format(Model, _others, _spelling));

    private static ModelConfig ReadModel(ConfigObject root, RopeConfig rope) => new()
    {
        VocabularySize = root.Int("vocab_size"),
        HiddenSize = root.Int("hidden_size"),
        IntermediateSize = root.Int("intermediate_size"),
        ExpertIntermediateSize = root.Int("moe_intermediate_size"),
        Layers = root.Int("num_hidden_layers"),
        Heads = root.Int("num_attention_heads"),
        SharedExperts = root.IntOrNull("n_shared_experts") ?? 0,
        RoutedExperts = root.Int("n_routed_experts"),
        RoutedScalingFactor = root.OptionalDouble("routed_scaling_factor") ?? 2.5,
        KeyValueRank = root.Int("kv_lora_rank"),
        QueryRank = root.OptionalInt("q_lora_rank"),
        RopeHeadSize = root.Int("qk_rope_head_dim"),
        NopeHeadSize = root.Int("qk_nope_head_dim"),
        ValueHeadSize = root.Int("v_head_dim"),
        ExpertGroups = root.Int("n_group"),
        ExpertGroupsKept = root.Int("topk_group"),
        ExpertsPerToken = root.Int("num_experts_per_tok"),
        FirstDenseLayers = root.Int("first_k_dense_replace"),
        NormalizeExpertWeights = root.OptionalBool("norm_topk_prob") ?? true,
        MaxPositions = root.Int("max_position_embeddings"),
        InitializerRange = root.OptionalDouble("initializer_range") ?? 0.02,
        RmsNormEpsilon = root.OptionalDouble("rms_norm_eps") ?? 1e-6,
        Rope = rope,
        TieWordEmbeddings = root.OptionalBool("tie_word_embeddings") ?? false,
        PredictLayers = root.OptionalInt("num_nextn_predict_layers") ?? 0,
        BeginTokenId = root.OptionalInt("bos_token_id"),
        EndTokenIds = root.EndTokens("eos_token_id"),
    };

    private static void RefuseUnsupported(ConfigObject root)
    {
        root.ExpectNone("text_config", "it holds the language model of a larger one: make its keys a config.json beside the language model's tensors");
        root.ExpectModelType("deepseek_v3", "kimi_k2");
        root.Expect("hidden_act", "silu");
        root.Expect("attention_bias", only: false);
        root.Expect("attention_dropout", only: 0, because: ": this runtime has no dropout");
        root.Expect("rope_interleave", only: true);
        root.Expect("scoring_func", "sigmoid");
        root.Expect("topk_method", "noaux_tc");
        root.Expect("moe_layer_freq", only: 1, because: ": every layer from first_k_dense_replace on has experts");
        HubQuantization.Check(root);
    }

    /// <summary>Keys that follow from others.</summary>
    private static void RefuseContradictions(ConfigObject root, ModelConfig model)
    {
        root.Expect("num_key_value_heads", model.Heads, ": num_attention_heads");
        root.Expect("head_dim", model.RopeHeadSize, ": qk_rope_head_dim");
        root.Expect("qk_head_dim", model.QueryHeadSize, ": qk_nope_head_dim + qk_rope_head_dim");
    }
}
