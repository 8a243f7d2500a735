using System.Buffers;
using System.Text.Json;

namespace Actors.Model.Checkpoint;

/// <summary>The index of a checkpoint in several files: <c>model.safetensors.index.json</c>, which file holds which tensor.</summary>
internal static class CheckpointIndex
{
    public const string SingleFile = "model.safetensors";
    public const string IndexFile = "model.safetensors.index.json";

    /// <summary>Name of shard <paramref name="number"/>, from 1, out of <paramref name="count"/>.</summary>
    public static string ShardFile(int number, int count) => $"model-{number:00000}-of-{count:00000}.safetensors";

    /// <summary>Tensor names and the files that hold them.</summary>
    /// <exception cref="CheckpointException">The file cannot be read or is no index.</exception>
    public static Dictionary<string, string> Read(string path) => ConfigObject.ReadFile(path, root =>
    {
        ConfigObject map = root.OptionalObject("weight_map")
            ?? throw new CheckpointException(path, "has no object weight_map: this is no index of a sharded checkpoint");
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty entry in map.Properties())
        {
            string file = FileName(path, entry);
            if (!files.TryAdd(entry.Name, file) && files[entry.Name] != file)
            {
                throw map.Wrong(entry.Name, $"comes twice, as {files[entry.Name]} and as {file}: write or copy the index again");
            }
        }

        return files;
    });

    /// <summary>Writes the index.</summary>
    /// <param name="path">The index file.</param>
    /// <param name="totalBytes">Bytes of all tensors together.</param>
    /// <param name="files">Tensor names and the files that hold them.</param>
    public static void Write(string path, long totalBytes, IReadOnlyDictionary<string, string> files)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("metadata");
            writer.WriteNumber("total_size", totalBytes);
            writer.WriteEndObject();
            writer.WriteStartObject("weight_map");
            foreach ((string name, string file) in new SortedDictionary<string, string>(files.ToDictionary(), StringComparer.Ordinal))
            {
                writer.WriteString(name, file);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        AtomicFile.Write(path, json.WrittenSpan);
    }

    /// <summary>A file beside the index: a name that leads elsewhere is refused.</summary>
    private static string FileName(string path, JsonProperty entry)
    {
        string? file = entry.Value.ValueKind == JsonValueKind.String && !JsonFile.HasWord(entry.Value) ? entry.Value.GetString() : null;
        return !string.IsNullOrEmpty(file) && file == Path.GetFileName(file)
            ? file
            : throw new CheckpointException(
                path, $"weight_map.{entry.Name} is {JsonText.OneLine(entry.Value)}, expected the name of a file beside it");
    }
}
