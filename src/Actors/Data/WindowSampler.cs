namespace Actors.Runtime.Data;

/// <summary>
/// Random windows of a text. What a step sees depends on the seed and the step's number alone: not on earlier draws, so a
/// resumed run goes on where it was, and not on who asks, so serial and parallel runs see the same.
/// </summary>
public sealed class WindowSampler
{
    private readonly TokenRun _text;
    private readonly int _length;
    private readonly ulong _seed;

    /// <summary>Prepares to draw windows of <paramref name="sequenceLength"/> + 1 tokens.</summary>
    /// <exception cref="ArgumentException">The text is shorter; <see cref="ICorpus.Require"/> says so to users.</exception>
    public WindowSampler(TokenRun text, int sequenceLength, long seed)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequenceLength);
        if (text.Length <= sequenceLength)
        {
            throw new ArgumentException($"{text.Length} tokens have no window of {sequenceLength + 1}.", nameof(text));
        }

        _text = text;
        _length = sequenceLength;
        _seed = RandomBits.Of(seed);
    }

    /// <summary>Position in the text of the first token of a sequence's window.</summary>
    /// <param name="step">Number of the step, 0 or more.</param>
    /// <param name="sequence">Number of the sequence in the step, 0 or more.</param>
    public int StartOf(long step, int sequence)
    {
        ulong random = RandomBits.Of(_seed, step, sequence);
        ulong starts = (ulong)(_text.Length - _length);
        return (int)Math.BigMul(random, starts, out _);
    }

    /// <summary>Writes one sequence of a step.</summary>
    /// <param name="step">Number of the step, 0 or more.</param>
    /// <param name="sequence">Number of the sequence in the step, 0 or more.</param>
    /// <param name="inputs">Out: token ids (sequence length).</param>
    /// <param name="targets">Out: for each the one that follows (sequence length).</param>
    public void Draw(long step, int sequence, Span<int> inputs, Span<int> targets) =>
        _text.Read(StartOf(step, sequence), inputs, targets);
}
