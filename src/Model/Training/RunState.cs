using System.Text;
using System.Text.Json;
using Actors.Model.Checkpoint;

namespace Actors.Model.Training;

/// <summary>What a checkpoint says of its run, in <c>training.json</c>. Earlier versions of this program wrote only the step.</summary>
/// <param name="Step">Steps behind it.</param>
public sealed record RunState(int Step)
{
    /// <summary>Name of the file in a checkpoint's folder.</summary>
    public const string FileName = "training.json";

    /// <summary>The run that wrote it; a run that goes on from it has the same. Null: unknown.</summary>
    public string? Run { get; init; }

    /// <summary>Folder of the model that the run started from; null: fresh weights, or unknown.</summary>
    public string? StartedFrom { get; init; }

    /// <summary>What decided fresh weights and batches; null: unknown.</summary>
    public long? Seed { get; init; }

    /// <summary>Sequences of a full step; null: unknown.</summary>
    public long? BatchSequences { get; init; }

    /// <summary>Tokens of the steps behind it, by which schedules go on; null: unknown.</summary>
    public long? Tokens { get; init; }

    /// <summary>Tokens of a sequence; null: unknown.</summary>
    public long? SequenceLength { get; init; }

    /// <summary>Bytes of the text that is trained on; null: unknown.</summary>
    public long? TextBytes { get; init; }

    /// <summary>Whether a folder is a whole checkpoint of a training run.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Reads a checkpoint's state.</summary>
    /// <exception cref="CheckpointException">It is missing, damaged or unreadable.</exception>
    public static RunState Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new CheckpointException(
                folder, $"has no {FileName}: it is a model, not a checkpoint of a training run; start from it with --set actors.model.path={folder}");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement state = document.RootElement;
            return new RunState(state.GetProperty("step").GetInt32())
            {
                Run = Text(state, "run"),
                StartedFrom = Text(state, "started_from"),
                Seed = Number(state, "seed"),
                BatchSequences = Number(state, "batch_sequences"),
                Tokens = Number(state, "tokens"),
                SequenceLength = Number(state, "sequence_length"),
                TextBytes = Number(state, "text_bytes"),
            };
        }
        catch (Exception damage) when (damage is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CheckpointException(path, "does not say the step: it is damaged; take an earlier checkpoint");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {failure.Message.TrimEnd('.')}", failure);
        }
    }

    /// <summary>Writes it to a checkpoint's folder, and to the disk.</summary>
    public void Write(string folder)
    {
        using FileStream file = new(Path.Combine(folder, FileName), FileMode.Create, FileAccess.Write, FileShare.None);
        using (var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("step", Step);
            json.WriteString("run", Run);
            json.WriteString("started_from", StartedFrom);
            Write(json, "seed", Seed);
            Write(json, "batch_sequences", BatchSequences);
            Write(json, "tokens", Tokens);
            Write(json, "sequence_length", SequenceLength);
            Write(json, "text_bytes", TextBytes);
            json.WriteEndObject();
        }

        file.Write(Encoding.UTF8.GetBytes("\n"));
        file.Flush(flushToDisk: true);
    }

    private static void Write(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static string? Text(JsonElement state, string name) =>
        state.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;

    private static long? Number(JsonElement state, string name) =>
        state.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetInt64() : null;
}
