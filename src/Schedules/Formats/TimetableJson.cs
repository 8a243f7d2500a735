using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Actors.Schedules.Formats;

/// <summary>
/// JSON form, the only one that states the placement. One object: <c>schedule</c> (name), <c>forwardOnly</c>, <c>ranks</c>,
/// <c>stages</c>, <c>microBatches</c>, <c>rankOfStage</c> ([directions][stages]), <c>directionOfMicroBatch</c> ([micro-batches]) and
/// <c>actions</c> ([ranks][actions], each in PyTorch's text form).
/// </summary>
public static class TimetableJson
{
    /// <summary>Writes a timetable, without line breaks.</summary>
    public static string Write(Timetable timetable)
    {
        ArgumentNullException.ThrowIfNull(timetable);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(timetable, json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes a timetable as one object into a larger document.</summary>
    public static void Write(Timetable timetable, Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(timetable);
        ArgumentNullException.ThrowIfNull(json);
        var placement = timetable.Placement;
        json.WriteStartObject();
        json.WriteString("schedule", timetable.Schedule);
        json.WriteBoolean("forwardOnly", timetable.ForwardOnly);
        json.WriteNumber("ranks", timetable.Ranks);
        json.WriteNumber("stages", timetable.Stages);
        json.WriteNumber("microBatches", timetable.MicroBatches);
        json.WriteStartArray("rankOfStage");
        for (var direction = 0; direction < placement.Directions; direction++)
        {
            WriteNumbers(json, placement.RanksOfDirection(direction));
        }

        json.WriteEndArray();
        json.WritePropertyName("directionOfMicroBatch");
        WriteNumbers(json, placement.DirectionOfMicroBatch);
        WriteActions(timetable, json);
        json.WriteEndObject();
    }

    /// <summary>Reads a timetable; unknown keys are refused.</summary>
    /// <exception cref="TimetableFormatException">
    /// The text is no JSON (line and column say where), or a value is missing or wrong (the message says its path).
    /// </exception>
    public static Timetable Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json.AsMemory().TrimStart('\uFEFF'));
            return TimetableJsonReader.Read(document.RootElement);
        }
        catch (JsonException error)
        {
            throw new TimetableFormatException(
                (int)(error.LineNumber ?? 0) + 1,
                (int)(error.BytePositionInLine ?? 0) + 1,
                "this is no complete JSON: the text is torn or mistyped here");
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            // What the parser throws for halves of UTF-16 pairs, in the text itself and escaped in a string.
            throw new TimetableFormatException(0, 0, "the JSON has half of a character in it: write it as whole UTF-8");
        }
    }

    private static void WriteNumbers(Utf8JsonWriter json, ImmutableArray<int> numbers)
    {
        json.WriteStartArray();
        foreach (var number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    private static void WriteActions(Timetable timetable, Utf8JsonWriter json)
    {
        Span<char> text = stackalloc char[StageAction.MaxTextLength];
        json.WriteStartArray("actions");
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            json.WriteStartArray();
            foreach (var action in timetable.ActionsOf(rank))
            {
                action.TryFormat(text, out var length);
                json.WriteStringValue(text[..length]);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }
}
