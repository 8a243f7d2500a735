using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Actors.Model.Checkpoint;

/// <summary>Reads JSON files as tools of this field write them: with a byte-order mark, and with Python's NaN and Infinity.</summary>
internal static class JsonFile
{
    /// <summary>Stands in a document for NaN, Infinity and -Infinity: a string of this character, as long as the word with its quotes.</summary>
    private const byte Mark = 0x7F;

    /// <summary>Reads and parses.</summary>
    /// <exception cref="CheckpointException">It is UTF-16, no UTF-8 at all, or a Git LFS pointer.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonDocument Parse(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        if (FileContents.Refusal(bytes) is { } refusal)
        {
            throw new CheckpointException(path, refusal);
        }

        int start = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        if (!Utf8.IsValid(bytes.AsSpan(start)))
        {
            throw new CheckpointException(path, "is no UTF-8 text: save it as UTF-8");
        }

        MarkNumbers(bytes);
        return JsonDocument.Parse(bytes.AsMemory(start));
    }

    /// <summary>The word that a marked string stands for; null for any other value.</summary>
    public static string? WordOf(JsonElement value)
    {
        string? text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return text is { Length: > 0 } && text.All(c => c == (char)Mark)
            ? text.Length switch { 1 => "NaN", 6 => "Infinity", 7 => "-Infinity", _ => null }
            : null;
    }

    /// <summary>A value's text as it stood in the file.</summary>
    public static string TextOf(string json)
    {
        const char mark = (char)Mark;
        return json.Contains(mark, StringComparison.Ordinal)
            ? json.Replace($"\"{new string(mark, 7)}\"", "-Infinity", StringComparison.Ordinal)
                .Replace($"\"{new string(mark, 6)}\"", "Infinity", StringComparison.Ordinal)
                .Replace($"\"{mark}\"", "NaN", StringComparison.Ordinal)
            : json;
    }

    private static void MarkNumbers(Span<byte> text)
    {
        bool isString = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == (byte)'"')
            {
                isString = !isString;
            }
            else if (isString)
            {
                i += text[i] == (byte)'\\' ? 1 : 0;
            }
            else if (WordAt(text[i..]) is int length and > 0)
            {
                text.Slice(i, length).Fill(Mark);
                text[i] = (byte)'"';
                text[i + length - 1] = (byte)'"';
                i += length - 1;
            }
        }
    }

    private static int WordAt(ReadOnlySpan<byte> text) =>
        text.StartsWith("NaN"u8) ? 3 : text.StartsWith("Infinity"u8) ? 8 : text.StartsWith("-Infinity"u8) ? 9 : 0;
}
