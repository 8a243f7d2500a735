using System.Buffers;
using System.Text.Json;

namespace Actors.Model.Checkpoint;

/// <summary>What a model's folder says in <c>generation_config.json</c>, which the hub's loaders put before config.json.</summary>
public static class GenerationConfig
{
    /// <summary>Name of the file in a model's folder.</summary>
    public const string FileName = "generation_config.json";

    private const string BeginKey = "bos_token_id", EndKey = "eos_token_id";

    /// <summary>
    /// <paramref name="model"/> with the end tokens of the folder's file. Without the file, or without the key in it, they stay config.json's; null
    /// means that nothing ends a text.
    /// </summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="model">What config.json says.</param>
    /// <exception cref="CheckpointException">The file is no JSON object, or an end token is no token of the vocabulary.</exception>
    public static ModelConfig Apply(string folder, ModelConfig model)
    {
        ArgumentNullException.ThrowIfNull(model);
        string path = Path.Combine(folder, FileName);
        return File.Exists(path) ? ConfigObject.ReadFile(path, root => Read(root, model)) : model;
    }

    /// <summary>The text of a file that names the tokens that begin and end a text.</summary>
    public static byte[] Of(int? beginToken, int? endToken)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            Write(json, BeginKey, beginToken);
            Write(json, EndKey, endToken);
            json.WriteEndObject();
        }

        return [.. text.WrittenSpan, (byte)'\n'];
    }

    private static void Write(Utf8JsonWriter json, string key, int? token)
    {
        if (token is { } id)
        {
            json.WriteNumber(key, id);
        }
    }

    private static ModelConfig Read(ConfigObject root, ModelConfig model)
    {
        if (!root.Has(EndKey))
        {
            return model;
        }

        ModelConfig changed = model with { EndTokenIds = root.EndTokens(EndKey) };
        changed.Validate();
        return changed;
    }
}
