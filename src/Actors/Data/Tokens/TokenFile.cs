using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Actors.Runtime.Data.Tokens;

/// <summary>
/// A token file, mapped into memory: documents of tokens, one after the other, that <c>actors tokenize</c> has written. Immutable; for any thread.
/// </summary>
public sealed unsafe class TokenFile : IDisposable
{
    private readonly TokenFileHeader _header;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _tokens;
    private readonly long* _index;

    private TokenFile(string path, TokenFileHeader header, MemoryMappedFile map)
    {
        Path = path;
        _header = header;
        _map = map;
        _view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        start += _view.PointerOffset;
        _tokens = start + TokenFileHeader.Length;
        _index = (long*)(start + header.IndexPlace);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Number of tokens, end tokens among them.</summary>
    public long Tokens => _header.Tokens;

    /// <summary>Number of documents.</summary>
    public long Documents => _header.Documents;

    /// <summary>One more than the largest token of the tokenizer.</summary>
    public int VocabularySize => _header.VocabularySize;

    /// <summary>The last token of every document; null: documents have none.</summary>
    public int? EndToken => _header.EndToken < 0 ? null : _header.EndToken;

    /// <summary>SHA-256 of the tokenizer (32 bytes).</summary>
    public ReadOnlyMemory<byte> TokenizerHash => _header.TokenizerHash;

    /// <summary>A hash of all documents' tokens, as it was when they were written.</summary>
    public ulong ContentHash => _header.ContentHash;

    /// <summary>Whether a path is a token file, by its first bytes.</summary>
    public static bool IsAt(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            Span<byte> first = stackalloc byte[TokenFileHeader.Length];
            return TokenFileHeader.IsIn(first[..stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false)]);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="CorpusException">It is missing, no token file, damaged, or not as long as its header says.</exception>
    public static TokenFile Open(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            Span<byte> first = stackalloc byte[TokenFileHeader.Length];
            first = first[..stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false)];
            TokenFileHeader header = TokenFileHeader.Read(path, first);
            if (header.Width is not (2 or 4) || header.Tokens < 1 || header.Documents < 1 || stream.Length != header.FileLength)
            {
                throw TokenFileHeader.Damaged(path, $"it has {stream.Length} bytes, its header says {header.FileLength}");
            }

            var map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            var file = new TokenFile(path, header, map);
            if (file.StartOf(0) != 0 || file.StartOf(header.Documents) != header.Tokens)
            {
                file.Dispose();
                throw TokenFileHeader.Damaged(path, "its index");
            }

            return file;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"The token file {path} can't be read: {failure.Message}", failure);
        }
    }

    /// <summary>The first token of a document; for the number of documents, the number of tokens.</summary>
    public long StartOf(long document)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)document, (ulong)Documents, nameof(document));
        return _index[document];
    }

    /// <summary>Reads tokens.</summary>
    /// <param name="start">The first.</param>
    /// <param name="tokens">Output: as many as it holds, which must be there.</param>
    public void Read(long start, Span<int> tokens)
    {
        if (start < 0 || start > Tokens - tokens.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(start), start, $"{Path} has {Tokens} tokens, {tokens.Length} from {start} on are not there.");
        }

        if (_header.Width == sizeof(int))
        {
            new ReadOnlySpan<int>(_tokens + (start * sizeof(int)), tokens.Length).CopyTo(tokens);
            return;
        }

        ReadOnlySpan<ushort> narrow = MemoryMarshal.Cast<byte, ushort>(new ReadOnlySpan<byte>(_tokens + (start * sizeof(ushort)), tokens.Length * sizeof(ushort)));
        for (int i = 0; i < narrow.Length; i++)
        {
            tokens[i] = narrow[i];
        }
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
    }
}
