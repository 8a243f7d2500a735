using System.Text.Json.Nodes;
using Actors.Model.Checkpoint;

namespace Actors.Model.Tests.Checkpoint;

public sealed class HubConfigs : IDisposable
{
    /// <summary>A small model in the hub's present style.</summary>
    internal const string Small =
        """
        {
          "model_type": "deepseek_v3", "vocab_size": 256, "hidden_size": 64, "intermediate_size": 160,
          "moe_intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 4,
          "n_shared_experts": 1, "n_routed_experts": 16, "routed_scaling_factor": 2.5, "kv_lora_rank": 24,
          "q_lora_rank": null, "qk_rope_head_dim": 8, "v_head_dim": 16, "qk_nope_head_dim": 16, "n_group": 4,
          "topk_group": 2, "num_experts_per_tok": 4, "first_k_dense_replace": 1, "norm_topk_prob": true,
          "max_position_embeddings": 512, "initializer_range": 0.08, "rms_norm_eps": 1e-06,
          "rope_parameters": {"rope_theta": 10000.0, "rope_type": "default"}, "rope_interleave": true,
          "tie_word_embeddings": false, "hidden_act": "silu", "attention_bias": false, "num_nextn_predict_layers": 1,
          "bos_token_id": 0, "eos_token_id": 1, "some_future_key": {"a": [1, 2.50, null]}
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Keys_reach_the_model()
    {
        ModelConfig model = Read(Small).Model;
        var expected = new ModelConfig
        {
            VocabularySize = 256,
            HiddenSize = 64,
            IntermediateSize = 160,
            ExpertIntermediateSize = 48,
            Layers = 3,
            Heads = 4,
            SharedExperts = 1,
            RoutedExperts = 16,
            RoutedScalingFactor = 2.5,
            KeyValueRank = 24,
            QueryRank = null,
            RopeHeadSize = 8,
            NopeHeadSize = 16,
            ValueHeadSize = 16,
            ExpertGroups = 4,
            ExpertGroupsKept = 2,
            ExpertsPerToken = 4,
            FirstDenseLayers = 1,
            NormalizeExpertWeights = true,
            MaxPositions = 512,
            InitializerRange = 0.08,
            RmsNormEpsilon = 1e-6,
            Rope = new RopeConfig { Theta = 10000 },
            TieWordEmbeddings = false,
            PredictLayers = 1,
            BeginTokenId = 0,
            EndTokenIds = EndTokens.Of(1),
        };
        Assert.Equal(expected, model);
        Assert.Equal(24, model.QueryHeadSize);
        Assert.Equal([false, true, true], new[] { model.HasExperts(0), model.HasExperts(1), model.HasExperts(2) });
    }

    [Fact]
    public void The_older_style_of_rope_is_read()
    {
        JsonObject json = Object(Small);
        json.Remove("rope_parameters");
        json["rope_theta"] = 50000;
        json["rope_scaling"] = JsonNode.Parse(
            """{"type": "yarn", "factor": 40, "original_max_position_embeddings": 4096, "beta_fast": 32, "beta_slow": 1, "mscale": 1.0, "mscale_all_dim": 1.0}""");
        var expected = new RopeConfig
        {
            Theta = 50000,
            Yarn = new YarnConfig { Factor = 40, OriginalMaxPositions = 4096, BetaFast = 32, BetaSlow = 1, Mscale = 1, MscaleAllDim = 1 },
        };
        Assert.Equal(expected, Read(json.ToJsonString()).Model.Rope);
        json["rope_scaling"] = null;
        Assert.Equal(new RopeConfig { Theta = 50000 }, Read(json.ToJsonString()).Model.Rope);
    }

    [Fact]
    public void Yarn_in_the_present_style_takes_what_is_absent_from_the_hubs_defaults()
    {
        JsonObject json = Object(Small);
        json["rope_parameters"] = JsonNode.Parse("""{"rope_theta": 1e6, "rope_type": "yarn", "type": "yarn", "factor": 8, "mscale": 0}""");
        var expected = new RopeConfig { Theta = 1e6, Yarn = new YarnConfig { Factor = 8, OriginalMaxPositions = 512 } };
        Assert.Equal(expected, Read(json.ToJsonString()).Model.Rope);
    }

    [Fact]
    public void Writing_and_reading_gives_the_same_model_and_keeps_unknown_keys()
    {
        HubConfig read = Read(Small);
        string path = _folder.File("written.json");
        read.Write(path);
        HubConfig again = HubConfig.Read(path);
        Assert.Equal(read.Model, again.Model);
        Assert.True(JsonNode.DeepEquals(Object(Small)["some_future_key"], Object(File.ReadAllText(path))["some_future_key"]));

        // What was in the file is in the file again.
        JsonObject written = Object(File.ReadAllText(path));
        foreach ((string key, JsonNode? value) in Object(Small))
        {
            Assert.True(JsonNode.DeepEquals(value, written[key]), $"{key} was {value?.ToJsonString()} and is {written[key]?.ToJsonString()}.");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_older_style_stays_the_older_style(bool yarn)
    {
        JsonObject json = Object(Small);
        json.Remove("rope_parameters");
        json["rope_theta"] = 10000;
        json["rope_scaling"] = yarn
            ? JsonNode.Parse("""{"type": "yarn", "factor": 4, "original_max_position_embeddings": 128, "attention_factor": 1.5}""")
            : null;
        HubConfig read = Read(json.ToJsonString());
        string path = _folder.File("written.json");
        read.Write(path);
        Assert.False(Object(File.ReadAllText(path)).ContainsKey("rope_parameters"));
        Assert.Equal(read.Model, HubConfig.Read(path).Model);
    }

    [Fact]
    public void A_model_made_here_gets_a_file_that_reads_back()
    {
        ModelConfig model = Read(Small).Model with
        {
            QueryRank = 40,
            Rope = new RopeConfig { Yarn = new YarnConfig { Factor = 8, OriginalMaxPositions = 64, Mscale = 1, MscaleAllDim = 0.7 } },
        };
        string path = _folder.File("made.json");
        HubConfig.Create(model).Write(path);
        Assert.Equal(model, HubConfig.Read(path).Model);
        Assert.Equal("DeepseekV3ForCausalLM", Object(File.ReadAllText(path))["architectures"]![0]!.GetValue<string>());
        Assert.Equal(["made.json"], _folder.FileNames());
    }

    [Theory]
    [InlineData("7", new[] { 7 })]
    [InlineData("[7]", new[] { 7 })]
    [InlineData("[7, 0, 255]", new[] { 7, 0, 255 })]
    [InlineData("[]", new int[0])]
    [InlineData("null", new int[0])]
    public void End_tokens_are_read_and_written_back_in_their_form(string json, int[] ids)
    {
        JsonObject file = Object(Small);
        file["eos_token_id"] = JsonNode.Parse(json);
        HubConfig read = Read(file.ToJsonString());
        Assert.Equal(ids, read.Model.EndTokenIds.Ids);
        string path = _folder.File("written.json");
        read.Write(path);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), Object(File.ReadAllText(path))["eos_token_id"]));
        Assert.Equal(read.Model, HubConfig.Read(path).Model);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("null")]
    public void No_shared_experts_are_read_and_written_back_in_their_form(string json)
    {
        JsonObject file = Object(Small);
        file["n_shared_experts"] = JsonNode.Parse(json);
        HubConfig read = Read(file.ToJsonString());
        Assert.Equal(0, read.Model.SharedExperts);
        string path = _folder.File("written.json");
        read.Write(path);
        JsonObject written = Object(File.ReadAllText(path));
        Assert.True(written.ContainsKey("n_shared_experts"));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), written["n_shared_experts"]));
    }

    [Theory]
    [InlineData(null, new[] { 1 })]
    [InlineData("{}", new[] { 1 })]
    [InlineData("""{"eos_token_id": 9}""", new[] { 9 })]
    [InlineData("""{"eos_token_id": [9, 3], "temperature": 0.5}""", new[] { 9, 3 })]
    [InlineData("""{"eos_token_id": null}""", new int[0])]
    public void End_tokens_of_the_generation_config_come_first(string? json, int[] ids)
    {
        if (json is not null)
        {
            File.WriteAllText(_folder.File(GenerationConfig.FileName), json);
        }

        ModelConfig model = Read(Small).Model;
        ModelConfig changed = GenerationConfig.Apply(_folder.Path, model);
        Assert.Equal(ids, changed.EndTokenIds.Ids);
        Assert.Equal(model, changed with { EndTokenIds = model.EndTokenIds });
    }

    [Theory]
    [InlineData("nothing", "generation_config.json: is no JSON (line 1, byte 2)")]
    [InlineData("", "generation_config.json: is no JSON")]
    [InlineData("[1]", "generation_config.json: is no JSON object")]
    [InlineData("""{"eos_token_id": "x"}""", "generation_config.json: eos_token_id is \"x\", expected a whole number")]
    [InlineData("""{"eos_token_id": [1, true]}""", "generation_config.json: eos_token_id is [1,true], expected whole numbers")]
    [InlineData("""{"eos_token_id": [1, 256]}""", "generation_config.json: eos_token_id: 256 is no token of vocab_size = 256")]
    public void A_wrong_generation_config_is_named(string json, string error)
    {
        File.WriteAllText(_folder.File(GenerationConfig.FileName), json);
        ModelConfig model = Read(Small).Model;
        Assert.Contains(error, Assert.Throws<CheckpointException>(() => GenerationConfig.Apply(_folder.Path, model)).Message);
    }

    [Fact]
    public void Changed_keys_keep_the_others()
    {
        HubConfig read = Read(Small);
        HubConfig changed = read.With(read.Model with { MaxPositions = 1024 });
        Assert.Equal(1024, changed.Model.MaxPositions);
        Assert.Equal(read.Others, changed.Others);
    }

    private static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();

    private HubConfig Read(string json)
    {
        string path = _folder.File("config.json");
        File.WriteAllText(path, json);
        HubConfig config = HubConfig.Read(path);
        File.Delete(path);
        return config;
    }
}
