using System.Text;
using System.Text.Json;

namespace Actors.Runtime.Data.Tokens;

/// <summary>
/// What a document is in a text: the whole file, or what stands between blank lines or between words of its own. In a file that ends in .jsonl or .ndjson
/// it is always the <c>text</c> of a line's object.
/// </summary>
/// <param name="name"><c>file</c>, <c>blank-lines</c>, or the word that separates documents, such as <c>&lt;|endoftext|&gt;</c>.</param>
public sealed class DocumentForm(string name)
{
    private const string File = "file", BlankLines = "blank-lines";

    /// <summary>Longest line of a .jsonl, bytes: it is read at once.</summary>
    private const int MostLineBytes = 1 << 28;

    private static readonly byte[][] Lines = ["\n"u8.ToArray()];

    private readonly byte[][] _separators = name switch
    {
        File => [],
        BlankLines => ["\n\n"u8.ToArray(), "\n\r\n"u8.ToArray()],
        _ => [Encoding.UTF8.GetBytes(name)],
    };

    /// <summary>A file is a document.</summary>
    public static DocumentForm WholeFile { get; } = new(File);

    /// <summary>How it is named.</summary>
    public string Name => name;

    /// <summary>Reads the documents of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stream">What is in it, from where a document begins.</param>
    /// <param name="offset">Byte at which that is.</param>
    /// <param name="take">Gets each part of a text, whether it ends its document, and the byte behind it; a part may be empty where a document ends.</param>
    /// <exception cref="CorpusException">A line is no JSON object with a text.</exception>
    internal void Read(string path, Stream stream, long offset, Action<string, bool, long> take)
    {
        if (Path.GetExtension(path).ToLowerInvariant() is ".jsonl" or ".ndjson")
        {
            ReadLines(path, stream, offset, take);
        }
        else
        {
            ReadText(stream, offset, take);
        }
    }

    private void ReadText(Stream stream, long offset, Action<string, bool, long> take)
    {
        var reader = new DocumentReader(stream, offset, _separators);
        var cutter = new TextCutter();
        var parts = new List<string>();
        bool isAtStart = _separators.Length > 0;
        while (reader.Read(out ReadOnlySpan<byte> piece, out bool ends))
        {
            // The line ends around a separator belong to no document.
            piece = isAtStart ? piece.TrimStart("\r\n"u8) : piece;
            isAtStart = _separators.Length > 0 && (ends || (isAtStart && piece.IsEmpty));
            cutter.Append(piece, ends, parts);
            Take(parts, ends, reader.Offset, take);
        }
    }

    private static void ReadLines(string path, Stream stream, long offset, Action<string, bool, long> take)
    {
        var reader = new DocumentReader(stream, offset, Lines);
        var line = new MemoryStream();
        var parts = new List<string>();
        long start = offset;
        while (reader.Read(out ReadOnlySpan<byte> piece, out bool ends))
        {
            line.Write(piece);
            if (line.Length > MostLineBytes)
            {
                throw new CorpusException($"{path}: the line at byte {start} has more than {MostLineBytes} bytes: cut the text into several documents.");
            }

            if (ends)
            {
                if (TextOf(path, start, line.GetBuffer().AsSpan(0, (int)line.Length)) is { } text)
                {
                    TextCutter.Cut(text, parts);
                }

                line.SetLength(0);
                start = reader.Offset;
                Take(parts, true, reader.Offset, take);
            }
        }
    }

    private static void Take(List<string> parts, bool ends, long offset, Action<string, bool, long> take)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            take(parts[i], ends && i == parts.Count - 1, offset);
        }

        if (ends && parts.Count == 0)
        {
            take("", true, offset);
        }

        parts.Clear();
    }

    /// <summary>The text of a line; null: the line is blank.</summary>
    private static string? TextOf(string path, long start, ReadOnlySpan<byte> line)
    {
        if (line.IndexOfAnyExcept(" \t\r"u8) < 0)
        {
            return null;
        }

        try
        {
            var json = new Utf8JsonReader(line);
            using JsonDocument document = JsonDocument.ParseValue(ref json);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("text", out JsonElement text)
                && text.ValueKind == JsonValueKind.String)
            {
                return text.GetString();
            }
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw new CorpusException($"{path}: the line at byte {start} is no JSON: {failure.Message.ReplaceLineEndings(" ").TrimEnd('.')}.", failure);
        }

        throw new CorpusException($"{path}: the line at byte {start} is no object with a \"text\".");
    }
}
