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
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            value.WriteTo(writer);
        }

        string line = JsonFile.WordOf(value) ?? Encoding.UTF8.GetString(text.WrittenSpan);
        return line.Length <= MaxCharacters ? line : string.Concat(line.AsSpan(0, MaxCharacters), "...");
    }
}
