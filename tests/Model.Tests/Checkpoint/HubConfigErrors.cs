using System.Text.Json.Nodes;
using Actors.Model.Checkpoint;

namespace Actors.Model.Tests.Checkpoint;

/// <summary>What the model cannot do is refused in one line with file and key.</summary>
public sealed class HubConfigErrors : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("hidden_act", "\"gelu\"", "is \"gelu\", supported is only \"silu\"")]
    [InlineData("attention_bias", "true", "is true, supported is only false")]
    [InlineData("rope_interleave", "false", "is false, supported is only true")]
    [InlineData("attention_dropout", "0.1", "is 0.1, supported is only 0")]
    [InlineData("model_type", "\"llama\"", "supported is only \"deepseek_v3\"")]
    [InlineData("scoring_func", "\"softmax\"", "supported is only \"sigmoid\"")]
    [InlineData("topk_method", "\"greedy\"", "supported is only \"noaux_tc\"")]
    [InlineData("moe_layer_freq", "2", "is 2, supported is only 1")]
    [InlineData("quantization_config", "7", "is 7, expected an object")]
    [InlineData("quantization_config", "{}", ".quant_method is missing, supported is only \"fp8\"")]
    [InlineData("quantization_config", "{\"quant_method\": \"compressed-tensors\"}", ".quant_method is \"compressed-tensors\", supported is only \"fp8\"")]
    [InlineData("quantization_config", "{\"quant_method\": \"fp8\"}", ".weight_block_size is missing, supported is only [128, 128]")]
    [InlineData("quantization_config", "{\"quant_method\": \"fp8\", \"weight_block_size\": [1, 128]}", ".weight_block_size is [1, 128], supported is only [128, 128]")]
    [InlineData("quantization_config", "{\"quant_method\": \"fp8\", \"weight_block_size\": [128, \"x\"]}", ".weight_block_size has \"x\", expected whole numbers")]
    [InlineData("quantization_config", "{\"quant_method\": \"fp8\", \"weight_block_size\": 128}", ".weight_block_size is 128, expected a list")]
    [InlineData("quantization_config", "{\"quant_method\": \"fp8\", \"fmt\": \"e5m2\"}", ".fmt is \"e5m2\", supported is only \"e4m3\"")]
    [InlineData("quantization_config", "{\"quant_method\": \"fp8\", \"activation_scheme\": \"static\"}", ".activation_scheme is \"static\", supported is only \"dynamic\"")]
    [InlineData("quantization_config", "{\"quant_method\": \"fp8\", \"scale_fmt\": \"bf16\"}", ".scale_fmt is \"bf16\", supported is only \"float\" or \"ue8m0\"")]
    [InlineData("num_key_value_heads", "2", "is 2, supported is only 4: num_attention_heads")]
    [InlineData("head_dim", "64", "is 64, supported is only 8: qk_rope_head_dim")]
    [InlineData("vocab_size", "\"many\"", "is \"many\", expected a whole number")]
    [InlineData("vocab_size", "1.5", "is 1.5, expected a whole number")]
    [InlineData("vocab_size", "null", "is missing")]
    [InlineData("vocab_size", "0", "0 is less than 1")]
    [InlineData("rms_norm_eps", "\"x\"", "is \"x\", expected a number")]
    [InlineData("rms_norm_eps", "0", "0 is not a positive finite number")]
    [InlineData("norm_topk_prob", "1", "is 1, expected true or false")]
    [InlineData("eos_token_id", "[1, 2.5]", "is [1,2.5], expected whole numbers")]
    [InlineData("eos_token_id", "[1, 256]", "256 is no token of vocab_size = 256")]
    [InlineData("n_shared_experts", "-1", "-1 is less than 0")]
    [InlineData("eos_token_id", "256", "256 is no token of vocab_size = 256")]
    [InlineData("n_group", "3", "is not divisible by n_group = 3")]
    [InlineData("n_group", "16", "a group's score needs two")]
    [InlineData("topk_group", "5", "5 is more than n_group = 4")]
    [InlineData("num_experts_per_tok", "9", "9 is more than the 8 experts")]
    [InlineData("first_k_dense_replace", "4", "4 is more than num_hidden_layers = 3")]
    [InlineData("qk_rope_head_dim", "7", "7 is odd")]
    [InlineData("q_lora_rank", "0", "0 is less than 1")]
    [InlineData("rope_parameters", "7", "is 7, expected an object")]
    [InlineData("rope_scaling", "{\"type\": \"yarn\"}", "rope_scaling.factor is missing")]
    public void A_bad_value_is_named(string key, string value, string expected)
    {
        JsonObject json = JsonNode.Parse(HubConfigs.Small)!.AsObject();
        json[key] = JsonNode.Parse(value);
        string path = Write(json.ToJsonString());
        AssertRefused(path, key, expected);
    }

    [Theory]
    [InlineData("{\"rope_type\": \"linear\", \"factor\": 2}", "rope_parameters.rope_type is \"linear\"")]
    [InlineData("{\"rope_type\": \"yarn\", \"type\": \"default\"}", "rope_parameters.rope_type is \"yarn\" but type is \"default\"")]
    [InlineData("{\"rope_type\": \"yarn\"}", "rope_parameters.factor is missing")]
    [InlineData("{\"rope_type\": \"yarn\", \"factor\": 0.5}", "factor: 0.5 is not a finite number of 1 or more")]
    [InlineData("{\"rope_type\": \"yarn\", \"factor\": 2, \"beta_fast\": 0.5}", "beta_fast: 0.5 is less than beta_slow = 1")]
    [InlineData("{\"rope_type\": \"yarn\", \"factor\": 2, \"truncate\": false}", "rope_parameters.truncate is not supported")]
    [InlineData("{\"rope_type\": \"default\", \"factor\": 2}", "rope_parameters.factor is not supported without yarn")]
    [InlineData("{\"rope_theta\": -1}", "rope_theta: -1 is not a positive finite number")]
    public void A_bad_rope_is_named(string rope, string expected)
    {
        JsonObject json = JsonNode.Parse(HubConfigs.Small)!.AsObject();
        json["rope_parameters"] = JsonNode.Parse(rope);
        AssertRefused(Write(json.ToJsonString()), expected);
    }

    [Fact]
    public void What_is_no_file_or_no_JSON_is_named()
    {
        AssertRefused(_folder.File("absent.json"), "cannot be read");
        AssertRefused(Write("{\n  \"vocab_size\": ,\n}"), "is no JSON (line 2, byte 17)");
        AssertRefused(Write("[]"), "is no JSON object");
        AssertRefused(Write("{\"vocab_size\": [\n  1,\n  2\n]}"), "vocab_size is [1,2], expected a whole number");
    }

    private static void AssertRefused(string path, params string[] parts)
    {
        string message = Assert.Throws<CheckpointException>(() => HubConfig.Read(path)).Message;
        Assert.DoesNotContain('\n', message);
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        foreach (string part in parts)
        {
            Assert.Contains(part, message, StringComparison.Ordinal);
        }
    }

    private string Write(string text)
    {
        string path = _folder.File("config.json");
        File.WriteAllText(path, text);
        return path;
    }
}
