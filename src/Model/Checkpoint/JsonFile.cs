using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Actors.Model.Files;

namespace Actors.Model.Checkpoint;

/// <summary>Reads JSON files as the tools of this field write them: with a byte-order mark, and with Python's NaN and Infinity.</summary>
internal static class JsonFile
{
    /// <summary>
    /// NaN, Infinity and -Infinity become strings of this byte, as long as the word with two quotes. A file that is valid UTF-8 has no such byte,
    /// so no string of the file can be taken for one.
    /// </summary>
    private const byte Mark = 0xFF;

    /// <summary>Parses the content of a file.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="bytes">Its content, which is changed.</param>
    /// <exception cref="CheckpointException">It is empty, UTF-16, no UTF-8 at all, or a Git LFS pointer.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonDocument Parse(string path, byte[] bytes)
    {
        if (FileContents.Refusal(bytes) is { } refusal)
        {
            throw new CheckpointException(path, refusal);
        }

        int start = bytes.Length - FileKind.WithoutMark(bytes).Length;
        if (start == bytes.Length)
        {
            throw new CheckpointException(path, "is no JSON: the file is empty; copy or write it again");
        }

        if (!Utf8.IsValid(bytes))
        {
            throw new CheckpointException(path, "is no UTF-8 text: save it as UTF-8");
        }

        MarkWords(bytes);
        return JsonDocument.Parse(bytes.AsMemory(start));
    }

    /// <summary>Whether a value is NaN, Infinity or -Infinity, or an array or object that holds one.</summary>
    public static bool HasWord(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).Contains(Mark);

    /// <summary>A value's text as it stands in the file.</summary>
    public static string TextOf(JsonElement value)
    {
        byte[] text = JsonMarshal.GetRawUtf8Value(value).ToArray();
        Span<byte> rest = text;
        for (int at = rest.IndexOf(Mark); at >= 0; at = rest.IndexOf(Mark))
        {
            int length = rest[at..].IndexOfAnyExcept(Mark);
            ReadOnlySpan<byte> word = length switch { 1 => "NaN"u8, 6 => "Infinity"u8, _ => "-Infinity"u8 };
            word.CopyTo(rest[(at - 1)..]);
            rest = rest[(at + length + 1)..];
        }

        return Encoding.UTF8.GetString(text);
    }

    private static void MarkWords(Span<byte> text)
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
                i += length - 1;
                text[i] = (byte)'"';
            }
        }
    }

    private static int WordAt(ReadOnlySpan<byte> text) =>
        text.StartsWith("NaN"u8) ? 3 : text.StartsWith("Infinity"u8) ? 8 : text.StartsWith("-Infinity"u8) ? 9 : 0;
}
