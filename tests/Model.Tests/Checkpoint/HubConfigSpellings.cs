using System.Text;
using System.Text.Json.Nodes;
using Actors.Model.Checkpoint;

namespace Actors.Model.Tests.Checkpoint;

/// <summary>Ways in which other tools write the same config.json.</summary>
public sealed class HubConfigSpellings : IDisposable
{
    private const string Yarn = """{"type": "yarn", "factor": 4, "original_max_position_embeddings": 128, "mscale": 1.0, "mscale_all_dim": 1.0}""";

    private static readonly ModelConfig Plain = Read(HubConfigs.Small);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_byte_order_mark_is_passed_over()
    {
        Assert.Equal(Plain, Read("\uFEFF" + HubConfigs.Small));
        File.WriteAllText(_folder.File(GenerationConfig.FileName), "\uFEFF{\"eos_token_id\": 9, \"top_p\": NaN}");
        Assert.Equal(EndTokens.Of(9), GenerationConfig.Apply(_folder.Path, Plain).EndTokenIds);
    }

    [Theory]
    [InlineData("utf-16", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16BE", false)]
    public void Text_in_UTF_16_is_named(string encoding, bool hasMark) =>
        Refused([.. hasMark ? Encoding.GetEncoding(encoding).Preamble : [], .. Encoding.GetEncoding(encoding).GetBytes(HubConfigs.Small)], "is UTF-16 text");

    [Fact]
    public void What_is_no_text_is_named()
    {
        Refused("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 172\n"u8, "is a Git LFS pointer");
        Refused("version https://git-lfs.github.com/spec/v1\r\noid sha256:00\r\nsize 172\r\n"u8, "is a Git LFS pointer");
        Refused([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D], "is no UTF-8 text");
        Refused([], "the file is empty");
        Refused([0xEF, 0xBB, 0xBF], "the file is empty");
        Refused([0x1F, 0x8B, 8], "is compressed");
        Refused(Encoding.UTF8.GetBytes(HubConfigs.Small.Replace("some_future_key", "\\ud800", StringComparison.Ordinal)), "is no Unicode");
        Refused("{\"model_type\": \"\\ud800\"}"u8, "is no Unicode");
    }

    [Fact]
    public void Words_for_numbers_pass_where_they_are_not_read_and_are_written_back()
    {
        const string others = """
            "limits": [0.0, Infinity, {"low": -Infinity, "none": NaN, "text": "NaN, \"Infinity\" and -Infinity"}], "Infinity": NaN, "marks": "\u007f"
            """;
        HubConfig read = Config(HubConfigs.Small.Replace("\"hidden_act\"", others + ", \"hidden_act\"", StringComparison.Ordinal));
        Assert.Equal(Plain, read.Model);
        string path = _folder.File("written.json");
        read.Write(path);
        string written = File.ReadAllText(path);
        Assert.Contains("""[0.0, Infinity, {"low": -Infinity, "none": NaN, "text": "NaN, \"Infinity\" and -Infinity"}]""", written, StringComparison.Ordinal);
        Assert.Contains("\"Infinity\": NaN", written, StringComparison.Ordinal);
        Assert.Equal(read.Others, HubConfig.Read(path).Others);
    }

    [Theory]
    [InlineData("vocab_size", "Infinity", "is Infinity, expected a whole number")]
    [InlineData("rms_norm_eps", "NaN", "is NaN, expected a number")]
    [InlineData("rms_norm_eps", "1e999", "is not a positive finite number")]
    [InlineData("norm_topk_prob", "-Infinity", "is -Infinity, expected true or false")]
    [InlineData("model_type", "NaN", "is NaN, expected a string")]
    [InlineData("rope_parameters", "NaN", "is NaN, expected an object")]
    [InlineData("eos_token_id", "[1, NaN]", "is [1, NaN], expected whole numbers")]
    [InlineData("head_dim", "Infinity", "is Infinity, expected a number")]
    [InlineData("num_hidden_layers", "3.5", "is 3.5, expected a whole number")]
    [InlineData("num_hidden_layers", "3e10", "is 3e10, expected a whole number")]
    [InlineData("num_hidden_layers", "1e999", "is 1e999, expected a whole number")]
    [InlineData("num_hidden_layers", "\"3\"", "is \"3\", expected a whole number")]
    [InlineData("num_hidden_layers", "true", "is true, expected a whole number")]
    [InlineData("partial_rotary_factor", "0.5", "is 0.5, supported is only 1")]
    [InlineData("text_config", "{}", "is not supported; it holds the language model of a larger one")]
    public void A_read_key_with_no_number_of_its_kind_is_named(string key, string value, string error) =>
        Refused(Encoding.UTF8.GetBytes(HubConfigs.Small.TrimEnd().TrimEnd('}') + $", \"{key}\": {value}}}"), key, error);

    [Theory]
    [InlineData("256.0", "512.0", "[1.0, 2e0]")]
    [InlineData("2.56e2", "5.12E+2", "[10e-1, 2]")]
    [InlineData("2560e-1", "512.000", "[1, 0.2e1]")]
    public void Whole_numbers_may_have_a_point_or_an_exponent(string vocabulary, string positions, string ends)
    {
        string text = HubConfigs.Small.Replace("\"vocab_size\": 256", $"\"vocab_size\": {vocabulary}", StringComparison.Ordinal)
            .Replace("\"max_position_embeddings\": 512", $"\"max_position_embeddings\": {positions}", StringComparison.Ordinal)
            .Replace("\"eos_token_id\": 1", $"\"eos_token_id\": {ends}", StringComparison.Ordinal);
        ModelConfig read = Read(text);
        Assert.Equal(new[] { 1, 2 }, read.EndTokenIds.Ids.ToArray());
        Assert.Equal(Plain, read with { EndTokenIds = Plain.EndTokenIds });
    }

    [Theory]
    [InlineData("\"kimi_k2\"", "[\"DeepseekV3ForCausalLM\"]")]
    [InlineData("\"kimi_k2\"", "[\"KimiK2ForCausalLM\"]")]
    [InlineData("\"deepseek_v3\"", "[\"DeepseekV3ForCausalLM\"]")]
    public void The_architecture_is_written_back_as_it_came(string type, string architectures)
    {
        JsonObject json = Object();
        json["model_type"] = JsonNode.Parse(type);
        json["architectures"] = JsonNode.Parse(architectures);
        HubConfig read = Config(json.ToJsonString());
        Assert.Equal(Plain, read.Model);
        string path = _folder.File("written.json");
        read.With(read.Model with { MaxPositions = 64 }).Write(path);
        JsonObject written = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        Assert.Equal(type, written["model_type"]!.ToJsonString());
        Assert.Equal(architectures, written["architectures"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"rope_theta": 10000.0, "rope_type": "default"}""", "10000", "null")]
    [InlineData("""{"rope_theta": 10000.0, "rope_type": "default"}""", null, """{"type": "default"}""")]
    [InlineData("""{"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128, "mscale": 1, "mscale_all_dim": 1, "beta_fast": 32}""", "1e4", Yarn)]
    [InlineData("{}", null, Yarn)]
    [InlineData("null", "10000", Yarn)]
    [InlineData(Yarn, null, "{}")]
    public void Both_spellings_of_rope_may_say_the_same(string parameters, string? theta, string scaling)
    {
        JsonObject json = Rope(parameters, theta, scaling);
        HubConfig read = Config(json.ToJsonString());
        Assert.Equal(10000, read.Model.Rope.Theta);
        YarnConfig yarn = new() { Factor = 4, OriginalMaxPositions = 128, Mscale = 1, MscaleAllDim = 1 };
        Assert.Equal(parameters == Yarn || scaling == Yarn ? yarn : null, read.Model.Rope.Yarn);
        string path = _folder.File("written.json");
        read.Write(path);
        Assert.Equal(read.Model, HubConfig.Read(path).Model);
    }

    [Fact]
    public void Both_spellings_are_written_back()
    {
        string path = _folder.File("written.json");
        Config(Rope(Yarn, "10000", Yarn).ToJsonString()).Write(path);
        JsonObject written = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        Assert.Equal(10000, written["rope_theta"]!.GetValue<double>());
        Assert.Equal("yarn", written["rope_scaling"]!["type"]!.GetValue<string>());
        Assert.Equal("yarn", written["rope_parameters"]!["rope_type"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"rope_theta": 10000, "rope_type": "default"}""", "50000", "null", "rope_theta is 50000 but rope_parameters.rope_theta is 10000")]
    [InlineData("""{"rope_theta": 10000}""", null, """{"type": "default", "rope_theta": 5}""", "rope_parameters.rope_theta is 10000 but rope_scaling.rope_theta is 5")]
    [InlineData("""{"rope_type": "default"}""", null, Yarn, "rope_parameters.rope_type is \"default\" but rope_scaling.type is \"yarn\"")]
    [InlineData("""{"rope_type": "yarn", "factor": 8, "original_max_position_embeddings": 128}""", null, Yarn, "rope_parameters.factor is 8 but rope_scaling.factor is 4")]
    [InlineData("""{"rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 128}""", null, Yarn, "rope_parameters.mscale is absent but rope_scaling.mscale is 1")]
    public void Spellings_of_rope_that_contradict_are_both_named(string parameters, string? theta, string scaling, string error) =>
        Refused(Encoding.UTF8.GetBytes(Rope(parameters, theta, scaling).ToJsonString()), error);

    [Theory]
    [InlineData(false, "\"partial_rotary_factor\": 1.0")]
    [InlineData(false, "\"original_max_position_embeddings\": 4096, \"factor\": 1, \"attention_factor\": null")]
    [InlineData(false, "\"type\": \"default\", \"factor\": null, \"beta_fast\": 32.0, \"beta_slow\": 1, \"mscale\": 0, \"mscale_all_dim\": 1")]
    [InlineData(false, "\"low_freq_factor\": null, \"truncate\": true")]
    [InlineData(true, "\"partial_rotary_factor\": 1, \"truncate\": true, \"attention_factor\": null")]
    [InlineData(true, "\"type\": \"yarn\", \"attn_factor\": 1, \"extrapolation_factor\": 1.0, \"beta_fast\": null, \"short_factor\": null")]
    public void Keys_of_rope_that_change_nothing_pass(bool isYarn, string keys)
    {
        string rope = isYarn ? "{\"rope_type\": \"yarn\", \"factor\": 2, " : "{\"rope_type\": \"default\", ";
        RopeConfig expected = Read(Rope(rope.TrimEnd(' ', ',') + "}", null, "null").ToJsonString()).Rope;
        Assert.Equal(expected, Read(Rope(rope + keys + "}", null, "null").ToJsonString()).Rope);
        Assert.Equal(expected, Read(Rope("null", "10000", rope + keys + "}").ToJsonString()).Rope);
    }

    [Theory]
    [InlineData(false, "partial_rotary_factor", "0.5")]
    [InlineData(false, "truncate", "false")]
    [InlineData(false, "attention_factor", "1.2")]
    [InlineData(false, "beta_fast", "16")]
    [InlineData(false, "mscale", "0.7")]
    [InlineData(false, "low_freq_factor", "1")]
    [InlineData(true, "partial_rotary_factor", "0.25")]
    [InlineData(true, "attn_factor", "2")]
    [InlineData(true, "truncate", "false")]
    [InlineData(true, "mrope_section", "[1,2]")]
    public void Keys_of_rope_that_would_change_something_are_named(bool isYarn, string key, string value)
    {
        string rope = (isYarn ? "{\"rope_type\": \"yarn\", \"factor\": 2, " : "{\"rope_type\": \"default\", ") + $"\"{key}\": {value}}}";
        Refused(Encoding.UTF8.GetBytes(Rope(rope, null, "null").ToJsonString()), $"rope_parameters.{key} is not supported", $"(it is {value})");
        Refused(Encoding.UTF8.GetBytes(Rope("null", null, rope).ToJsonString()), $"rope_scaling.{key} is not supported");
    }

    private static JsonObject Object() => JsonNode.Parse(HubConfigs.Small)!.AsObject();

    private static JsonObject Rope(string parameters, string? theta, string scaling)
    {
        JsonObject json = Object();
        json["rope_parameters"] = JsonNode.Parse(parameters);
        json["rope_scaling"] = JsonNode.Parse(scaling);
        if (theta is not null)
        {
            json["rope_theta"] = JsonNode.Parse(theta);
        }

        return json;
    }

    private static HubConfig Config(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), text);
        return HubConfig.Read(folder.File("config.json"));
    }

    private static ModelConfig Read(string text) => Config(text).Model;

    private void Refused(ReadOnlySpan<byte> bytes, params string[] parts)
    {
        string path = _folder.File("config.json");
        File.WriteAllBytes(path, bytes.ToArray());
        string message = Assert.Throws<CheckpointException>(() => HubConfig.Read(path)).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }
}
