using System.Buffers.Binary;
using System.IO.Hashing;

namespace Actors.Runtime.Data.Tokens;

/// <summary>
/// Writes a token file, whose size is not known before: tokens and index into two files beside it, which become one at the end that is synced and
/// renamed. What has been saved on the way is gone on with by a later writer of the same job.
/// </summary>
internal sealed class TokenFileWriter : IDisposable
{
    private const int BufferBytes = 1 << 20;

    private readonly string _path;
    private readonly TokenFileHeader _kind;
    private readonly string _job;
    private readonly FileStream _tokens, _index;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private XxHash64 _document;
    private int _buffered;
    private long _documentStart;
    private ulong _contentHash;

    private TokenFileWriter(string path, TokenFileHeader kind, string job, TokenFileState? state)
    {
        (_path, _kind, _job) = (path, kind, job);
        _tokens = Open(TokensPath, TokenFileHeader.Length + ((state?.Tokens ?? 0) * kind.Width));
        try
        {
            _index = Open(IndexPath, (state?.Documents ?? 0) * sizeof(long));
        }
        catch
        {
            _tokens.Dispose();
            throw;
        }

        (Tokens, Documents, _contentHash, Position) = state is null ? (0, 0, 0, default) : (state.Tokens, state.Documents, state.ContentHash, state.Position);
        _documentStart = Tokens;
        _document = new XxHash64((long)_contentHash);
    }

    /// <summary>Tokens so far.</summary>
    public long Tokens { get; private set; }

    /// <summary>Documents so far.</summary>
    public long Documents { get; private set; }

    /// <summary>Where the writer that went before had come to.</summary>
    public InputPosition Position { get; }

    private string TokensPath => _path + ".part";

    private string IndexPath => _path + ".part-index";

    private string StatePath => _path + ".part-state";

    /// <summary>Begins a file, or goes on with what has been saved.</summary>
    /// <param name="path">The file, which must not be there.</param>
    /// <param name="kind">Its header; counts and content hash are not used.</param>
    /// <param name="job">Names what is written.</param>
    /// <exception cref="CorpusException">The file is there, another job's unfinished file is in its place, or the disk refuses.</exception>
    public static TokenFileWriter Open(string path, TokenFileHeader kind, string job)
    {
        try
        {
            if (File.Exists(path) || Directory.Exists(path))
            {
                throw new CorpusException($"{path} is there already, and nothing is replaced: name another file with --out.");
            }

            TokenFileState? state = File.Exists(path + ".part") ? TokenFileState.Read(path + ".part-state") : null;
            return state is null || state.Job == job
                ? new TokenFileWriter(path, kind, job, state)
                : throw new CorpusException(
                    $"{path}.part is the unfinished file of other inputs, another tokenizer or other options: give the same to go on, or remove it.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"{path} can't be written: {failure.Message}", failure);
        }
    }

    /// <summary>Adds tokens to the present document.</summary>
    public void Append(IReadOnlyList<int> tokens)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            Append(tokens[i]);
        }
    }

    /// <summary>Ends the present document, with the end token where documents have one; one without tokens is left out.</summary>
    public void EndDocument()
    {
        if (Tokens == _documentStart)
        {
            return;
        }

        if (_kind.EndToken >= 0)
        {
            Append(_kind.EndToken);
        }

        Flush();
        Span<byte> start = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(start, _documentStart);
        _index.Write(start);
        Documents++;
        _documentStart = Tokens;
        _contentHash = _document.GetCurrentHashAsUInt64();
        _document = new XxHash64((long)_contentHash);
    }

    /// <summary>Puts what is written to the disk, so that a later writer goes on from here; between documents only.</summary>
    public void Save(InputPosition position)
    {
        if (Tokens != _documentStart)
        {
            throw new InvalidOperationException("A document has not ended.");
        }

        Flush();
        _tokens.Flush(flushToDisk: true);
        _index.Flush(flushToDisk: true);
        new TokenFileState(_job, Tokens, Documents, _contentHash, position).Write(StatePath);
    }

    /// <summary>Makes the file whole and gives it its name.</summary>
    /// <exception cref="CorpusException">It would have no token.</exception>
    public void Complete()
    {
        if (Documents == 0)
        {
            throw new CorpusException($"{_path} would have no token: the inputs have no text.");
        }

        Flush();
        TokenFileHeader header = _kind with { Tokens = Tokens, Documents = Documents, ContentHash = _contentHash };
        _tokens.SetLength(header.IndexPlace);
        _tokens.Position = header.IndexPlace;
        _index.Position = 0;
        _index.CopyTo(_tokens, BufferBytes);
        Span<byte> end = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(end, Tokens);
        _tokens.Write(end);
        _tokens.Position = 0;
        _tokens.Write(header.ToBytes());
        _tokens.Flush(flushToDisk: true);
        File.Move(TokensPath, _path);
        Dispose();
        File.Delete(IndexPath);
        File.Delete(StatePath);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tokens.Dispose();
        _index.Dispose();
    }

    /// <summary>Opens a file for writing at its end, which is where what was saved ended.</summary>
    private static FileStream Open(string path, long length)
    {
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16);
        if (stream.Length < length && length > TokenFileHeader.Length)
        {
            stream.Dispose();
            throw new CorpusException($"{path} is shorter than what was saved of it: remove it to begin again.");
        }

        stream.SetLength(length);
        stream.Position = length;
        return stream;
    }

    private void Append(int token)
    {
        if ((uint)token >= (uint)_kind.VocabularySize)
        {
            throw new ArgumentOutOfRangeException(nameof(token), token, $"Token {token} is none of {_kind.VocabularySize}.");
        }

        if (_kind.Width == sizeof(ushort))
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(_buffered), (ushort)token);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_buffered), token);
        }

        _buffered += _kind.Width;
        Tokens++;
        if (_buffered == _buffer.Length)
        {
            Flush();
        }
    }

    private void Flush()
    {
        _document.Append(_buffer.AsSpan(0, _buffered));
        _tokens.Write(_buffer, 0, _buffered);
        _buffered = 0;
    }
}
