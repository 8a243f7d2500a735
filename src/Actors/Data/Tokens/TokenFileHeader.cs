using System.Buffers.Binary;
using System.IO.Hashing;

namespace Actors.Runtime.Data.Tokens;

/// <summary>
/// The first 128 bytes of a token file, little-endian: magic, version, bytes of a token, tokens, documents, vocabulary, end token, hash of the tokenizer,
/// hash of the tokens, zeros, and XXH64 of what is before. The tokens follow, and from the next multiple of 8 on the index: the first token of each
/// document and the number of tokens, 8 bytes each.
/// </summary>
/// <param name="Width">Bytes of a token: 2 or 4.</param>
/// <param name="Tokens">Number of tokens, end tokens among them.</param>
/// <param name="Documents">Number of documents.</param>
/// <param name="VocabularySize">One more than the tokenizer's largest token.</param>
/// <param name="EndToken">The last token of every document; −1: documents have none.</param>
/// <param name="TokenizerHash">SHA-256 of the tokenizer (32 bytes).</param>
/// <param name="ContentHash">XXH64 of the documents' tokens, each one's seeded with that of those before.</param>
internal sealed record TokenFileHeader(
    int Width, long Tokens, long Documents, int VocabularySize, int EndToken, ReadOnlyMemory<byte> TokenizerHash, ulong ContentHash)
{
    /// <summary>Bytes of the header.</summary>
    public const int Length = 128;

    private const int Version = 1, HashLength = 32, ContentPlace = 72, CheckPlace = 120;

    private static ReadOnlySpan<byte> Magic => "ACTORTOK"u8;

    /// <summary>Where the index begins.</summary>
    public long IndexPlace => IndexPlaceOf(Width, Tokens);

    /// <summary>Bytes of the whole file.</summary>
    public long FileLength => IndexPlace + ((Documents + 1) * sizeof(long));

    /// <summary>Whether a file begins as token files do.</summary>
    public static bool IsIn(ReadOnlySpan<byte> first) => first.StartsWith(Magic);

    /// <summary>Where the index begins in a file of so many tokens.</summary>
    public static long IndexPlaceOf(int width, long tokens) => (Length + (tokens * width) + sizeof(long) - 1) / sizeof(long) * sizeof(long);

    /// <summary>Reads a header.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="bytes">Its beginning.</param>
    /// <exception cref="CorpusException">It is no token file, of another version, or damaged.</exception>
    public static TokenFileHeader Read(string path, ReadOnlySpan<byte> bytes)
    {
        if (!IsIn(bytes))
        {
            throw new CorpusException($"{path} is no token file: make one with actors tokenize.");
        }

        int version = bytes.Length < Length ? Version : BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (version != Version)
        {
            throw new CorpusException($"{path} is a token file of version {version}, this program reads {Version}: make it again with actors tokenize.");
        }

        if (bytes.Length < Length || XxHash64.HashToUInt64(bytes[..CheckPlace]) != BinaryPrimitives.ReadUInt64LittleEndian(bytes[CheckPlace..]))
        {
            throw Damaged(path, "its header");
        }

        return new TokenFileHeader(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[36..]),
            bytes.Slice(40, HashLength).ToArray(),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[ContentPlace..]));
    }

    /// <summary>The error for a file that is not as it was written.</summary>
    public static CorpusException Damaged(string path, string what) =>
        new($"The token file {path} is damaged ({what}): copy it again, or make it again with actors tokenize.");

    /// <summary>The header's bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), Width);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), Tokens);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), Documents);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(32), VocabularySize);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(36), EndToken);
        TokenizerHash.Span.CopyTo(bytes.AsSpan(40, HashLength));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(ContentPlace), ContentHash);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(CheckPlace), XxHash64.HashToUInt64(bytes.AsSpan(0, CheckPlace)));
        return bytes;
    }
}
