using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Actors.Model.Checkpoint;

/// <summary>JSON values as they stand in messages.</summary>
internal static class JsonText
{
    private const int MaxCharacters = 80;

    /// <summary>The value in one line, cut where it is long.</summary>
    public static string OneLine(JsonElement value)
    {
        string line = JsonFile.HasWord(value) ? JsonFile.TextOf(value) : Compact(value);
        return line.Length <= MaxCharacters ? line : string.Concat(line.AsSpan(0, MaxCharacters), "...");
    }

    private static string Compact(JsonElement value)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            value.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
