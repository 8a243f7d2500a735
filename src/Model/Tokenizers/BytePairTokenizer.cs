using System.Security.Cryptography;
using System.Text;
using Actors.Model.Checkpoint;
using Microsoft.ML.Tokenizers;

namespace Actors.Model.Tokenizers;

/// <summary>
/// A byte-pair tokenizer from a Hugging Face <c>tokenizer.json</c>: a byte-level one, as DeepSeek-V3, GPT-2, Llama 3 and Qwen have it, or one with byte fallback, as Llama 2
/// and Mistral have it. The text is cut at added tokens, normalized where the file asks for it, and, byte-level, cut into pieces (<see cref="PieceSplitter"/>), within
/// which Microsoft.ML.Tokenizers merges; with byte fallback <see cref="FallbackPairs"/> merge whole texts.
/// </summary>
public sealed class BytePairTokenizer : ITokenizer
{
    private readonly BpeTokenizer? _model;
    private readonly FallbackPairs? _pairs;
    private readonly FallbackForm? _form;
    private readonly Dictionary<string, int> _ids;
    private readonly byte[]?[] _bytes;
    private readonly AddedTokens _added, _normalizedAdded;
    private readonly bool _composes, _addsBlank;

    private BytePairTokenizer(string path, TokenizerFile file, TokenizerConfig config)
    {
        Name = path;
        _ids = new Dictionary<string, int>(file.Vocabulary, StringComparer.Ordinal);
        foreach (AddedToken token in file.Added)
        {
            _ids[token.Text] = token.Id;
        }

        VocabularySize = _ids.Values.Max() + 1;
        _bytes = new byte[]?[VocabularySize];
        foreach ((string token, int id) in _ids)
        {
            _bytes[id] = file.Fallback is { } written ? written.BytesOf(token) : ByteAlphabet.BytesOf(token);
        }

        _form = file.Fallback;
        _composes = file.Composes;
        _addsBlank = file.Steps.AddsPrefixBlank;
        _added = new AddedTokens(file.Added.Where(token => !token.IsNormalized).Select(token => (token.Text, token.Id)));
        _normalizedAdded = new AddedTokens(file.Added.Where(token => token.IsNormalized).Select(token => (_form?.Of(token.Text) ?? token.Text, token.Id)));
        string? begin = file.Begin ?? config.Begin;
        BeginToken = IdOf(path, "bos_token", begin);
        EndToken = IdOf(path, "eos_token", config.End);
        AddsBeginToken = BeginToken is not null && (config.AddsBegin ?? file.Begin is not null);
        _model = _form is null ? ModelOf(path, file) : null;
        _pairs = _form is null ? null : new FallbackPairs(path, file);
    }

    /// <inheritdoc/>
    public int VocabularySize { get; }

    /// <inheritdoc/>
    public int? BeginToken { get; }

    /// <inheritdoc/>
    public int? EndToken { get; }

    /// <inheritdoc/>
    public bool AddsBeginToken { get; }

    /// <inheritdoc/>
    public bool BeginsWithBlank => _form is { DropsFirstBlank: true };

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Hash { get; private init; }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The tokenizer.json, by its whole path; empty where it lies in another process.</summary>
    public string File { get; private init; } = "";

    /// <summary>Whether a folder has a tokenizer.json.</summary>
    public static bool IsIn(string folder) => System.IO.File.Exists(Path.Combine(folder, TokenizerFile.FileName));

    /// <summary>Reads a tokenizer.json, and tokenizer_config.json beside it where there is one.</summary>
    /// <param name="path">The file, or the folder that it is in.</param>
    /// <exception cref="CheckpointException">It is missing or damaged, or has something that is not supported: file and key are named.</exception>
    public static BytePairTokenizer Read(string path)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, TokenizerFile.FileName) : path;
        byte[] json = ConfigObject.ContentOf(file);
        return new BytePairTokenizer(file, TokenizerFile.Read(file, json), TokenizerConfig.Read(FolderOf(file))) { File = Path.GetFullPath(file), Hash = SHA256.HashData(json) };
    }

    /// <summary>Makes the tokenizer of files that another process has read.</summary>
    /// <exception cref="CheckpointException">As <see cref="Read"/>.</exception>
    public static BytePairTokenizer Of(TokenizerFiles files)
    {
        ArgumentNullException.ThrowIfNull(files);
        ReadOnlySpan<byte> json = files.Json.Span;
        return new BytePairTokenizer(files.Name, TokenizerFile.Read(files.Name, json), TokenizerConfig.Read(FolderOf(files.Name), files.Config.Span)) { Hash = SHA256.HashData(json) };
    }

    private static string FolderOf(string file) => Path.GetDirectoryName(Path.GetFullPath(file))!;

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> text, List<int> tokens) => Encode(text, tokens, begins: true);

    /// <inheritdoc/>
    public void EncodeRest(ReadOnlySpan<char> text, List<int> tokens) => Encode(text, tokens, begins: false);

    private void Encode(ReadOnlySpan<char> text, List<int> tokens, bool begins)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ReadOnlySpan<char> rest = WholeCharacters.Of(text);
        while (!rest.IsEmpty)
        {
            (int start, int length, int id) = _added.FindIn(rest);
            EncodeNormalized(Normalized(rest[..start], begins), tokens);
            if (length > 0)
            {
                tokens.Add(id);
            }

            // What follows an added token is a text of its own.
            rest = rest[(start + length)..];
            begins = true;
        }
    }

    private ReadOnlySpan<char> Normalized(ReadOnlySpan<char> text, bool begins) =>
        _form is not null ? _form.Of(text, begins) : _composes ? ComposedForm.Of(text) : text;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> BytesOf(int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        return token < VocabularySize ? _bytes[token] : [];
    }

    /// <inheritdoc/>
    public int? Find(string token) => _ids.TryGetValue(token, out int id) ? id : null;

    private void EncodeNormalized(ReadOnlySpan<char> text, List<int> tokens)
    {
        while (!text.IsEmpty)
        {
            (int start, int length, int id) = _normalizedAdded.FindIn(text);
            EncodePieces(text[..start], tokens);
            if (length > 0)
            {
                tokens.Add(id);
            }

            text = text[(start + length)..];
        }
    }

    private void EncodePieces(ReadOnlySpan<char> text, List<int> tokens)
    {
        if (_pairs is not null)
        {
            _pairs.Encode(text, tokens);
        }
        else if (!text.IsEmpty)
        {
            text = _addsBlank && text[0] != ' ' ? string.Concat(" ", text) : text;
            tokens.AddRange(_model!.EncodeToIds(text, considerPreTokenization: true, considerNormalization: false));
        }
    }

    private int? IdOf(string path, string key, string? token) => token is null ? null
        : Find(token) ?? throw new CheckpointException(
            Path.Combine(Path.GetDirectoryName(path) ?? "", TokenizerConfig.FileName), $"{key} is \"{token}\", which {path} does not have");

    private static BpeTokenizer ModelOf(string path, TokenizerFile file)
    {
        try
        {
            return BpeTokenizer.Create(new BpeOptions(file.Vocabulary)
            {
                Merges = file.Merges,
                PreTokenizer = new PieceSplitter(file.Steps.Rules),
                ByteLevel = true,
                SpecialTokens = file.IgnoresMerges ? WholePieces(file.Vocabulary) : null,
            });
        }
        catch (Exception failure) when (failure is InvalidOperationException or ArgumentException)
        {
            throw new CheckpointException(path, $"model.merges: {failure.Message.TrimEnd('.')}", failure);
        }
    }

    /// <summary>Tokens by the text that they are, which the model takes for a piece of this text before it merges anything.</summary>
    private static Dictionary<string, int> WholePieces(IReadOnlyDictionary<string, int> vocabulary)
    {
        var strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        var whole = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach ((string token, int id) in vocabulary)
        {
            try
            {
                whole.TryAdd(strict.GetString(ByteAlphabet.BytesOf(token)), id);
            }
            catch (DecoderFallbackException)
            {
                // Bytes that begin or end inside a character are never a whole piece.
                continue;
            }
        }

        return whole;
    }
}
