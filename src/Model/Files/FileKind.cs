using System.Text;

namespace Actors.Model.Files;

/// <summary>
/// A kind of file that its first bytes give away and that nothing here reads as it is: compressed, an archive, in an encoding other than
/// UTF-8, a pointer to the file. Written as text it says what the file is and what to do, such as
/// <c>is compressed (gzip): unpack it first with gunzip</c>.
/// </summary>
public sealed class FileKind
{
    private const int UstarPlace = 257;
    private const int LongestPointer = 1024;

    private static readonly FileKind Bzip2 = Compressed("bzip2", "bunzip2");
    private static readonly FileKind Tar = Archive("tar", "tar -xf");
    private static readonly FileKind XetPointer = new("is a Xet pointer, not the file itself", "download the file") { IsPointer = true };

    private static readonly FileKind LfsPointer =
        new("is a Git LFS pointer, not the file itself", "run git lfs pull where it was cloned") { IsPointer = true };

    private readonly string _what;
    private readonly string _fix;

    private FileKind(string what, string fix) => (_what, _fix) = (what, fix);

    /// <summary>A ZIP archive; <c>torch.save</c> writes one too.</summary>
    public static FileKind Zip { get; } = Archive("zip", "unzip");

    /// <summary>A model of llama.cpp.</summary>
    public static FileKind Gguf { get; } = new("is a GGUF file", "get the model's safetensors files");

    /// <summary>An HTML page: a text, but where something else is expected the answer of a download that failed.</summary>
    public static FileKind HtmlPage { get; } = new("is an HTML page", "the download failed; get it again");

    // Below the kinds that it names: static members are set in the order of the text.
    private static readonly (byte[] Beginning, FileKind Kind)[] Beginnings =
    [
        ([0x1F, 0x8B], Compressed("gzip", "gunzip")),
        ([0x1F, 0x9D], Compressed("compress", "uncompress")),
        ([0xFD, .. "7zXZ\0"u8], Compressed("xz", "unxz")),
        ([0x28, 0xB5, 0x2F, 0xFD], Compressed("zstd", "unzstd")),
        ([0x04, 0x22, 0x4D, 0x18], Compressed("lz4", "unlz4")),
        ([.. "LZIP\u0001"u8], Compressed("lzip", "lunzip")),
        ([.. "PK\u0003\u0004"u8], Zip),
        ([.. "PK\u0005\u0006"u8], Zip),
        ([(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C], Archive("7z", "7z x")),
        ([.. "Rar!\u001a"u8], Archive("rar", "unrar x")),
        ([.. "%PDF-"u8], new("is a PDF", "turn it into text first, such as with pdftotext")),
        ([.. "GGUF"u8], Gguf),
        ([0xFF, 0xFE, 0, 0], Encoded("UTF-32", "utf-32")),
        ([0, 0, 0xFE, 0xFF], Encoded("UTF-32", "utf-32")),
        ([0xFF, 0xFE], Encoded("UTF-16", "utf-16")),
        ([0xFE, 0xFF], Encoded("UTF-16", "utf-16")),
    ];

    /// <summary>The name of an encoding other than UTF-8; null for what is no text.</summary>
    public string? Encoding { get; private init; }

    /// <summary>Whether it only names the file, which lies elsewhere: a Git LFS or Xet pointer.</summary>
    public bool IsPointer { get; private init; }

    /// <summary>The kind of a file with these first bytes; null where they say nothing.</summary>
    /// <param name="first">The file, or its beginning: 512 bytes tell every kind.</param>
    public static FileKind? Of(ReadOnlySpan<byte> first)
    {
        foreach ((byte[] beginning, FileKind kind) in Beginnings)
        {
            if (first.StartsWith(beginning))
            {
                return kind;
            }
        }

        return first.StartsWith("BZh"u8) && first.Length > 9 && first[4..].StartsWith("1AY&SY"u8) ? Bzip2
            : first.Length > UstarPlace && first[UstarPlace..].StartsWith("ustar"u8) ? Tar
            : StartsWithWord(first, "<!doctype"u8) || StartsWithWord(first, "<html"u8) ? HtmlPage
            : PointerOf(first);
    }

    /// <summary>UTF-16 or UTF-32 without a mark: most characters of most scripts have their zero bytes at the same places. Null for other bytes.</summary>
    /// <param name="bytes">The file, or its beginning.</param>
    public static FileKind? OfUnmarked(ReadOnlySpan<byte> bytes)
    {
        Span<int> zeros = stackalloc int[4];
        int length = bytes.Length / 4 * 4;
        for (int i = 0; i < length; i++)
        {
            zeros[i % 4] += bytes[i] == 0 ? 1 : 0;
        }

        int quarter = length / 4;
        bool Rare(int count) => count <= quarter / 10;
        bool Common(int count) => count > quarter / 2;
        return quarter == 0 ? null
            : Common(zeros[2]) && Common(zeros[3]) && Rare(zeros[0]) ? Encoded("UTF-32", "utf-32le")
            : Common(zeros[0]) && Common(zeros[1]) && Rare(zeros[3]) ? Encoded("UTF-32", "utf-32be")
            : Common(zeros[1]) && Common(zeros[3]) && Rare(zeros[0]) && Rare(zeros[2]) ? Encoded("UTF-16", "utf-16le")
            : Common(zeros[0]) && Common(zeros[2]) && Rare(zeros[1]) && Rare(zeros[3]) ? Encoded("UTF-16", "utf-16be")
            : null;
    }

    /// <summary>A text's bytes without the mark of UTF-8 that it may begin with.</summary>
    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> mark = System.Text.Encoding.UTF8.Preamble;
        return text.StartsWith(mark) ? text[mark.Length..] : text;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{_what}: {_fix}";

    /// <summary>Pointers are short: a longer text that begins like one is about them.</summary>
    private static FileKind? PointerOf(ReadOnlySpan<byte> first) =>
        first.Length > LongestPointer ? null
        : first.StartsWith("version https://"u8) && first.IndexOf("oid sha256:"u8) >= 0 ? LfsPointer
        : first.StartsWith("# xet version"u8) ? XetPointer
        : null;

    private static bool StartsWithWord(ReadOnlySpan<byte> first, ReadOnlySpan<byte> word) =>
        first.Length >= word.Length && Ascii.EqualsIgnoreCase(first[..word.Length], word);

    private static FileKind Compressed(string name, string command) => new($"is compressed ({name})", $"unpack it first with {command}");

    private static FileKind Archive(string name, string command) => new($"is an archive ({name})", $"unpack it first with {command}");

    private static FileKind Encoded(string name, string code) =>
        new($"is {name}", $"turn it into UTF-8 first, such as with iconv -f {code} -t utf-8") { Encoding = name };
}
