namespace Actors.Runtime.Data;

/// <summary>
/// Random windows of the training part. What a step sees depends on the seed and the step's number alone: not on earlier draws, so a
/// resumed run goes on where it was, and not on who asks, so serial and parallel runs see the same.
/// </summary>
public sealed class WindowSampler
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private readonly ByteCorpus _corpus;
    private readonly int _length;
    private readonly ulong _seed;

    /// <summary>Prepares to draw windows of <paramref name="sequenceLength"/> + 1 bytes.</summary>
    /// <exception cref="ArgumentException">The training part is shorter; <see cref="ByteCorpus.Require"/> says so to users.</exception>
    public WindowSampler(ByteCorpus corpus, int sequenceLength, long seed)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequenceLength);
        if (corpus.Training.Length <= sequenceLength)
        {
            throw new ArgumentException($"{corpus.Training.Length} bytes have no window of {sequenceLength + 1}.", nameof(corpus));
        }

        _corpus = corpus;
        _length = sequenceLength;
        _seed = Mix(unchecked((ulong)seed) + Golden);
    }

    /// <summary>Position in the training part of the first byte of a sequence's window.</summary>
    /// <param name="step">Number of the step, 0 or more.</param>
    /// <param name="sequence">Number of the sequence in the step, 0 or more.</param>
    public int StartOf(long step, int sequence)
    {
        ulong random = Mix(Mix(_seed ^ unchecked((ulong)step * Golden)) + unchecked((ulong)sequence * Golden));
        ulong starts = (ulong)(_corpus.Training.Length - _length);
        return (int)Math.BigMul(random, starts, out _);
    }

    /// <summary>Writes one sequence of a step.</summary>
    /// <param name="step">Number of the step, 0 or more.</param>
    /// <param name="sequence">Number of the sequence in the step, 0 or more.</param>
    /// <param name="inputs">Out: token ids (sequence length).</param>
    /// <param name="targets">Out: for each the one that follows (sequence length).</param>
    public void Draw(long step, int sequence, Span<int> inputs, Span<int> targets) =>
        TokenWindow.Copy(_corpus.Training.Span.Slice(StartOf(step, sequence), _length + 1), inputs, targets);

    /// <summary>SplitMix64's finalizer (Steele, Lea, Flood 2014): every bit of the result depends on every bit of the input.</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
