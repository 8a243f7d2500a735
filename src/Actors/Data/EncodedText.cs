using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Actors.Model.Tokenizers;
using Actors.Runtime.Configuration;
using Actors.Runtime.Data.Tokens;
using Actors.Runtime.Pipeline;

namespace Actors.Runtime.Data;

/// <summary>A text in memory as the tokens of a model's tokenizer; the end of it is held out from training. For more than some hundred megabytes there are token files.</summary>
public sealed class EncodedText : ICorpus
{
    private readonly ByteCorpus _text;
    private readonly int[] _training, _heldOut;

    /// <summary>Tokenizes a text: what is trained on and what is held out, each by itself.</summary>
    public EncodedText(ByteCorpus text, ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(text);
        (_text, Tokenizer) = (text, tokenizer);
        (_training, _heldOut) = (Encode(text.Training.Span), Encode(text.HeldOut.Span));
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> LeftOut => _text.LeftOut;

    /// <inheritdoc/>
    public long TrainingSize => _text.TrainingSize;

    /// <inheritdoc/>
    public ITokenizer Tokenizer { get; }

    /// <inheritdoc/>
    public void Require(int sequenceLength, int vocabularySize)
    {
        TokenizerSource.Require(Tokenizer, vocabularySize);
        RequireLength("training", _training.Length, sequenceLength);
        if (_heldOut.Length > 0)
        {
            RequireLength("held-out", _heldOut.Length, sequenceLength);
        }
    }

    /// <inheritdoc/>
    public IBatchSource Batches(TrainingSettings training) => new WindowBatches(TokenRun.Of(_training), TokenRun.Of(_heldOut), training);

    /// <inheritdoc/>
    public void AddTo(IncrementalHash hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        hash.AppendData(Tokenizer.Hash.Span);
        hash.AppendData(MemoryMarshal.AsBytes<int>(_training));
        hash.AppendData(MemoryMarshal.AsBytes<int>(_heldOut));
    }

    /// <inheritdoc/>
    public int[] SamplePrompt(int most) => [.. (_heldOut.Length > 0 ? _heldOut : _training).Take(most)];

    private void RequireLength(string part, int length, int sequenceLength)
    {
        if (length <= sequenceLength)
        {
            throw new CorpusException(
                $"The text {_text.Name} has {length} tokens in its {part} part, but a sequence needs {sequenceLength + 1}: "
                + "name a longer text or set a smaller actors.training.sequence-length.");
        }
    }

    private int[] Encode(ReadOnlySpan<byte> text)
    {
        var parts = new List<string>();
        TextCutter.Cut(Encoding.UTF8.GetString(text), parts);
        var tokens = new List<int>();
        for (int i = 0; i < parts.Count; i++)
        {
            if (i == 0)
            {
                Tokenizer.Encode(parts[i], tokens);
            }
            else
            {
                Tokenizer.EncodeRest(parts[i], tokens);
            }
        }

        return [.. tokens];
    }
}
