namespace Actors.Runtime.Data;

/// <summary>Tells text of bytes from what is no text, or text that is not stored as one byte stream.</summary>
internal static class TextKind
{
    private const int UstarPlace = 257;

    private static readonly (byte[] Beginning, string What)[] Beginnings =
    [
        ([0x1F, 0x8B], "is compressed (gzip): unpack it first with gunzip"),
        ([0x1F, 0x9D], "is compressed (compress): unpack it first with uncompress"),
        ([.. "PK\u0003\u0004"u8], "is an archive (zip): unpack it first with unzip"),
        ([.. "PK\u0005\u0006"u8], "is an archive (zip): unpack it first with unzip"),
        ([0xFD, .. "7zXZ\0"u8], "is compressed (xz): unpack it first with unxz"),
        ([0x28, 0xB5, 0x2F, 0xFD], "is compressed (zstd): unpack it first with unzstd"),
        ([0x04, 0x22, 0x4D, 0x18], "is compressed (lz4): unpack it first with unlz4"),
        ([.. "LZIP\u0001"u8], "is compressed (lzip): unpack it first with lunzip"),
        ([(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C], "is an archive (7z): unpack it first with 7z x"),
        ([.. "Rar!\u001a"u8], "is an archive (rar): unpack it first with unrar x"),
        ([.. "%PDF-"u8], "is a PDF: turn it into text first, such as with pdftotext"),
        ([0xFF, 0xFE, 0, 0], Encoded("UTF-32", "utf-32")),
        ([0, 0, 0xFE, 0xFF], Encoded("UTF-32", "utf-32")),
        ([0xFF, 0xFE], Encoded("UTF-16", "utf-16")),
        ([0xFE, 0xFF], Encoded("UTF-16", "utf-16")),
    ];

    /// <summary>What a file's bytes are, and how to make text of them; null: they are text.</summary>
    /// <param name="bytes">The file, or its beginning.</param>
    public static string? FaultOf(ReadOnlySpan<byte> bytes)
    {
        foreach ((byte[] beginning, string what) in Beginnings)
        {
            if (bytes.StartsWith(beginning))
            {
                return what;
            }
        }

        if (bytes.StartsWith("BZh"u8) && bytes.Length > 9 && bytes[4..].StartsWith("1AY&SY"u8))
        {
            return "is compressed (bzip2): unpack it first with bunzip2";
        }

        if (bytes.Length > UstarPlace && bytes[UstarPlace..].StartsWith("ustar"u8))
        {
            return "is an archive (tar): unpack it first with tar -xf";
        }

        int zero = bytes.IndexOf((byte)0);
        return zero < 0 ? null : EncodingOf(bytes) ?? $"is not text: byte {zero} is zero; remove zero bytes, or name another file";
    }

    /// <summary>UTF-16 or UTF-32 without a mark: most characters of most scripts have their zero bytes at the same places.</summary>
    private static string? EncodingOf(ReadOnlySpan<byte> bytes)
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

    private static string Encoded(string name, string code) => $"is {name}: turn it into UTF-8 first, such as with iconv -f {code} -t utf-8";
}
