using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Actors.Model.Files;
using Actors.Model.Tokenizers;

namespace Actors.Runtime.Data.Tokens;

/// <summary>
/// Makes a token file of texts. Memory is bounded whatever their size: parts are tokenized some megabytes at a time, by all processors, and written in
/// their order. A run that was interrupted goes on from the document at which it had last saved, and the file is the same, byte for byte.
/// </summary>
public sealed class Tokenization
{
    /// <summary>Characters and parts that are tokenized at once, and bytes of input after which what is written is saved.</summary>
    private const int BatchCharacters = 1 << 23, BatchParts = 1 << 16, DefaultSaveBytes = 1 << 28;

    private readonly List<(List<int> Tokens, string Text, bool BeginsDocument, bool EndsDocument)> _batch = [];
    private readonly ITokenizer _tokenizer;
    private readonly DocumentForm _form;
    private readonly string _output;
    private readonly int? _endToken;
    private readonly (string Path, long Bytes)[] _inputs;
    private readonly Action<TokenizeProgress> _progress;
    private long _characters, _bytesBefore, _savedBytes;
    private bool _isBetweenDocuments = true;
    private TokenFileWriter? _writer;

    /// <summary>Prepares.</summary>
    /// <param name="inputs">Files of text and folders of them, in this order.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="endToken">What ends every document; null: nothing.</param>
    /// <param name="form">What a document is.</param>
    /// <param name="output">The token file, which must not be there.</param>
    /// <param name="progress">Is told how far it has come, after every few megabytes.</param>
    /// <exception cref="CorpusException">An input is missing, or no text.</exception>
    public Tokenization(
        IReadOnlyList<string> inputs, ITokenizer tokenizer, int? endToken, DocumentForm form, string output, Action<TokenizeProgress> progress)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        (_tokenizer, _form, _output, _endToken, _progress) = (tokenizer, form, output, endToken, progress);
        var leftOut = new List<string>();
        _inputs = [.. inputs.SelectMany(input => CorpusFiles.In(input, leftOut))];
        LeftOut = leftOut;
        TotalBytes = _inputs.Sum(input => input.Bytes);
    }

    /// <summary>What of the folders is not read, and why.</summary>
    public IReadOnlyList<string> LeftOut { get; }

    /// <summary>Number of files.</summary>
    public int Files => _inputs.Length;

    /// <summary>Bytes of all inputs.</summary>
    public long TotalBytes { get; }

    /// <summary>Bytes of input after which what is written is saved.</summary>
    internal long SaveBytes { get; init; } = DefaultSaveBytes;

    /// <summary>Writes the file.</summary>
    /// <param name="stop">Asks to stop; what has been saved is gone on with by the next run.</param>
    /// <exception cref="CorpusException">An input cannot be read, or the file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public TokenizeProgress Run(CancellationToken stop)
    {
        var kind = new TokenFileHeader(
            _tokenizer.VocabularySize <= ushort.MaxValue + 1 ? sizeof(ushort) : sizeof(int), 0, 0, _tokenizer.VocabularySize, _endToken ?? -1, _tokenizer.Hash, 0);
        using TokenFileWriter writer = TokenFileWriter.Open(_output, kind, Job());
        _writer = writer;
        InputPosition from = writer.Position;
        _savedBytes = _inputs.Take(from.Input).Sum(input => input.Bytes) + from.Offset;
        try
        {
            for (int input = 0; input < _inputs.Length; input++)
            {
                if (input >= from.Input)
                {
                    Read(input, input == from.Input ? from.Offset : 0, stop);
                }

                _bytesBefore += _inputs[input].Bytes;
            }

            WriteBatch(new InputPosition(_inputs.Length, 0), isBetweenDocuments: true, CancellationToken.None);
            writer.Complete();
            return new TokenizeProgress(TotalBytes, TotalBytes, writer.Documents, writer.Tokens);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"{_output} is not whole: {failure.Message.TrimEnd('.')}; the same command goes on from what is saved.", failure);
        }
    }

    private void Read(int input, long offset, CancellationToken stop)
    {
        string path = _inputs[input].Path;
        using FileStream stream = File.OpenRead(path);
        if (offset == 0)
        {
            Span<byte> first = stackalloc byte[4];
            first = first[..stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false)];
            offset = first.Length - FileKind.WithoutMark(first).Length;
        }

        stream.Position = offset;
        _form.Read(path, stream, offset, (text, ends, next) =>
        {
            _batch.Add(([], text, _isBetweenDocuments, ends));
            _isBetweenDocuments = ends;
            _characters += text.Length;
            if (_characters >= BatchCharacters || _batch.Count >= BatchParts || (ends && _bytesBefore + next - _savedBytes >= SaveBytes))
            {
                WriteBatch(new InputPosition(input, next), ends, stop);
            }
        });
    }

    private void Encode((List<int> Tokens, string Text, bool BeginsDocument, bool EndsDocument) part)
    {
        if (part.BeginsDocument)
        {
            _tokenizer.Encode(part.Text, part.Tokens);
        }
        else
        {
            _tokenizer.EncodeRest(part.Text, part.Tokens);
        }
    }

    private void WriteBatch(InputPosition next, bool isBetweenDocuments, CancellationToken stop)
    {
        TokenFileWriter writer = _writer!;
        Parallel.ForEach(_batch, Encode);
        foreach ((List<int> tokens, _, _, bool ends) in _batch)
        {
            writer.Append(tokens);
            if (ends)
            {
                writer.EndDocument();
            }
        }

        _batch.Clear();
        _characters = 0;
        long bytes = _bytesBefore + next.Offset;
        if (isBetweenDocuments && (bytes - _savedBytes >= SaveBytes || stop.IsCancellationRequested))
        {
            writer.Save(next);
            _savedBytes = bytes;
        }

        _progress(new TokenizeProgress(Math.Min(bytes, TotalBytes), TotalBytes, writer.Documents, writer.Tokens));
        stop.ThrowIfCancellationRequested();
    }

    /// <summary>Names what decides the file's bytes: an unfinished one goes on only with the same.</summary>
    private string Job()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_tokenizer.Hash.Span);
        Add($"{_endToken ?? -1}\n{_form.Name}\n");
        foreach ((string path, long bytes) in _inputs)
        {
            Add(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFullPath(path)}\n{bytes}\n{File.GetLastWriteTimeUtc(path).Ticks}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text));
    }
}
