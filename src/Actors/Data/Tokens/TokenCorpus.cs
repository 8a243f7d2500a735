using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Actors.Model.Tokenizers;
using Actors.Runtime.Configuration;
using Actors.Runtime.Pipeline;

namespace Actors.Runtime.Data.Tokens;

/// <summary>Documents of token files, some of them held out, packed into sequences.</summary>
public sealed class TokenCorpus : ICorpus, IDisposable
{
    private readonly List<TokenFile> _files = [];
    private readonly DataSettings _settings;
    private readonly PackedDocuments _heldOut;
    private readonly int[] _fillTokens;

    /// <summary>Opens token files.</summary>
    /// <param name="settings">The files, what is held out, and what is reordered.</param>
    /// <param name="tokenizer">What they must have been made with.</param>
    /// <param name="seed">Decides what is reordered.</param>
    /// <exception cref="CorpusException">A file is missing or damaged, of another tokenizer, or the tokenizer lacks a token; or nothing is left to train on.</exception>
    public TokenCorpus(DataSettings settings, ITokenizer tokenizer, long seed)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(tokenizer);
        (_settings, Tokenizer) = (settings, tokenizer);
        _fillTokens = settings.FillInMiddleRate > 0 ? [.. settings.FillInMiddleTokens.Select(FillToken)] : [];
        try
        {
            foreach (string path in settings.Paths)
            {
                _files.Add(Checked(TokenFile.Open(path), _files));
            }

            var split = new HeldOutDocuments(settings.HeldOutFraction);
            FillInMiddle? fill = _fillTokens is [var begin, var hole, var end] ? new FillInMiddle(settings.FillInMiddleRate, begin, hole, end, seed) : null;
            Training = new PackedDocuments(_files, split, areHeldOut: false, fill);
            _heldOut = new PackedDocuments(_files, split, areHeldOut: true, fill: null);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> LeftOut => [];

    /// <inheritdoc/>
    public long TrainingSize => Training.Tokens;

    /// <inheritdoc/>
    public ITokenizer Tokenizer { get; }

    private PackedDocuments Training { get; }

    private string Name => string.Join(", ", _settings.Paths);

    /// <inheritdoc/>
    public void Require(int sequenceLength, int vocabularySize)
    {
        if (Tokenizer.VocabularySize > vocabularySize)
        {
            throw new CorpusException(
                $"The token file {Name} has tokens up to {Tokenizer.VocabularySize - 1}, but the model knows {vocabularySize}: set "
                + $"actors.model.vocabulary-size to {Tokenizer.VocabularySize} or more.");
        }

        if (Training.Tokens <= sequenceLength)
        {
            throw new CorpusException(
                $"The token file {Name} has {Training.Tokens} tokens that are not held out, but a sequence needs {sequenceLength + 1}: "
                + "name more text, or set a smaller actors.training.sequence-length or actors.data.held-out-fraction.");
        }
    }

    /// <inheritdoc/>
    public IBatchSource Batches(TrainingSettings training) => new TokenBatches(Training, _heldOut, training, _settings.MasksDocuments);

    /// <inheritdoc/>
    public void AddTo(IncrementalHash hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        foreach (TokenFile file in _files)
        {
            hash.AppendData(file.TokenizerHash.Span);
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{file.Tokens} {file.Documents} {file.ContentHash} ")));
        }

        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{_settings.FillInMiddleRate:R} {string.Join(' ', _fillTokens)} {_settings.MasksDocuments}")));
    }

    /// <inheritdoc/>
    public int[] SamplePrompt(int most) =>
        [.. (_heldOut.Tokens > 0 ? _heldOut : Training).Beginning(most).TakeWhile(token => token != _files[0].EndToken)];

    /// <summary>Unmaps the files; no batch is drawn any more.</summary>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    private TokenFile Checked(TokenFile file, List<TokenFile> before)
    {
        string? fault = !file.TokenizerHash.Span.SequenceEqual(Tokenizer.Hash.Span)
            ? $"was made with another tokenizer than {Tokenizer.Name}: name the one that it was made with in {DataSettings.TokenizerKey}"
            : before.Count > 0 && file.EndToken != before[0].EndToken ? $"ends documents otherwise than {before[0].Path}: make it again with the same --eos"
            : null;
        if (fault is not null)
        {
            file.Dispose();
            throw new CorpusException($"The token file {file.Path} {fault}.");
        }

        return file;
    }

    private int FillToken(string token) => Tokenizer.Find(token) ?? throw new CorpusException(
        $"{DataSettings.FillInMiddleTokensKey} names {token}, which {Tokenizer.Name} does not have: name its own, or set {DataSettings.FillInMiddleRateKey} to 0.");
}
