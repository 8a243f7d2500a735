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
    public static Dictionary<string, string> Read(string path)
    {
        try
        {
            using JsonDocument document = JsonFile.Parse(path);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
            {
                throw new CheckpointException(path, "has no object weight_map: this is no index of a sharded checkpoint");
            }

            var files = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (JsonProperty entry in map.EnumerateObject())
            {
                files[entry.Name] = FileName(path, entry);
            }

            return files;
        }
        catch (JsonException failure)
        {
            throw new CheckpointException(
                path,
                $"is no JSON (line {failure.LineNumber + 1}, byte {failure.BytePositionInLine + 1}): write or copy it again",
                failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {AtomicFile.Reason(failure)}", failure);
        }
    }

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
        string? file = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString() : null;
        return !string.IsNullOrEmpty(file) && file == Path.GetFileName(file)
            ? file
            : throw new CheckpointException(
                path, $"weight_map.{entry.Name} is {JsonText.OneLine(entry.Value)}, expected the name of a file beside it");
    }
}
