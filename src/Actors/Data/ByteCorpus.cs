using System.Security.Cryptography;
using Actors.Model.Tokenizers;
using Actors.Runtime.Configuration;
using Actors.Runtime.Pipeline;

namespace Actors.Runtime.Data;

/// <summary>
/// A text as bytes, a token each, its files one after the other; the end of it is held out from training. Immutable.
/// </summary>
public sealed class ByteCorpus : ICorpus
{
    // A sample's prompt begins with a line, if one is near: half a word says little of the model.
    private const int LongestLineSkipped = 512, SampleBytes = 64;

    private readonly byte[] _bytes;
    private readonly int _trainingLength;

    private ByteCorpus(string name, byte[] bytes, int files, double heldOutFraction)
    {
        Name = name;
        _bytes = bytes;
        Files = files;
        _trainingLength = _bytes.Length - (int)(_bytes.Length * heldOutFraction);
    }

    /// <summary>What it is, for messages.</summary>
    public string Name { get; }

    /// <summary>Number of files.</summary>
    public int Files { get; }

    /// <summary>What of the folders is not in the text, and why: a path and the reason each.</summary>
    public IReadOnlyList<string> LeftOut { get; private init; } = [];

    /// <inheritdoc/>
    public long TrainingSize => _trainingLength;

    /// <inheritdoc/>
    public ITokenizer Tokenizer => ByteTokenizer.Instance;

    /// <summary>What is trained on.</summary>
    public ReadOnlyMemory<byte> Training => _bytes.AsMemory(0, _trainingLength);

    /// <summary>What is not: the last part.</summary>
    public ReadOnlyMemory<byte> HeldOut => _bytes.AsMemory(_trainingLength);

    /// <summary>Reads the text of files and folders.</summary>
    /// <param name="paths">Files and folders, in this order; at least one.</param>
    /// <param name="heldOutFraction">Share of the text, at its end, that is held out: 0 to below 1.</param>
    /// <param name="pattern">Which files of a folder, such as <c>*.cs</c>.</param>
    /// <exception cref="CorpusException">One line: a path is missing, unreadable or no text, or there are more than 2 GB.</exception>
    public static ByteCorpus Load(IReadOnlyList<string> paths, double heldOutFraction, string pattern = "*")
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentOutOfRangeException.ThrowIfZero(paths.Count);
        ArgumentOutOfRangeException.ThrowIfNegative(heldOutFraction);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(heldOutFraction, 1);
        var files = new CorpusFiles(pattern);
        foreach (string path in paths)
        {
            files.Add(path);
        }

        string name = string.Join(", ", paths);
        return files.Length > 0
            ? new ByteCorpus(name, files.Text, files.Count, heldOutFraction) { LeftOut = files.LeftOut }
            : throw new CorpusException($"The text {name} is empty: name one with at least a few thousand characters.");
    }

    /// <summary>Takes texts that are in memory, one after the other.</summary>
    /// <param name="name">What they are, for errors.</param>
    /// <param name="texts">The texts; not empty together.</param>
    /// <param name="heldOutFraction">Share of the text, at its end, that is held out: 0 to below 1.</param>
    public static ByteCorpus Of(string name, IReadOnlyList<byte[]> texts, double heldOutFraction)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return new ByteCorpus(name, Joined(texts), texts.Count, heldOutFraction);
    }

    /// <inheritdoc/>
    public void Require(int sequenceLength, int vocabularySize)
    {
        RequireLength("training", Training.Length, sequenceLength);
        if (!HeldOut.IsEmpty)
        {
            RequireLength("held-out", HeldOut.Length, sequenceLength);
        }

        byte largest = 0;
        foreach (byte b in _bytes)
        {
            largest = Math.Max(largest, b);
        }

        if (largest >= vocabularySize)
        {
            throw new CorpusException(
                $"The text {Name} has the byte {largest}, but the model knows {vocabularySize} tokens: set "
                + "actors.model.vocabulary-size to 256.");
        }
    }

    /// <inheritdoc/>
    public IBatchSource Batches(TrainingSettings training) => new WindowBatches(TokenRun.Of(Training), TokenRun.Of(HeldOut), training);

    /// <inheritdoc/>
    public void AddTo(IncrementalHash hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        hash.AppendData(Training.Span);
        hash.AppendData(HeldOut.Span);
    }

    /// <inheritdoc/>
    public int[] SamplePrompt(int most)
    {
        ReadOnlySpan<byte> text = HeldOut.Length > 0 ? HeldOut.Span : Training.Span;
        int line = text[..Math.Min(text.Length, LongestLineSkipped)].IndexOf((byte)'\n') + 1;
        text = text.Length - line >= SampleBytes ? text[line..] : text;
        int length = Math.Min(Math.Min(text.Length, SampleBytes), most);
        const int ContinuesCharacter = 0x80;
        while (length > 1 && length < text.Length && (text[length] & 0xC0) == ContinuesCharacter)
        {
            length--;
        }

        return Tokenizer.EncodePrompt(text[..length]);
    }

    private void RequireLength(string part, int length, int sequenceLength)
    {
        if (length <= sequenceLength)
        {
            throw new CorpusException(
                $"The text {Name} has {_bytes.Length} bytes, of which {length} are the {part} part, but a sequence needs "
                + $"{sequenceLength + 1}: "
                + "name a longer text or set a smaller actors.training.sequence-length.");
        }
    }

    private static byte[] Joined(IReadOnlyList<byte[]> texts)
    {
        var all = new byte[texts.Sum(text => (long)text.Length)];
        int end = 0;
        foreach (byte[] text in texts)
        {
            text.CopyTo(all, end);
            end += text.Length;
        }

        return all;
    }
}
