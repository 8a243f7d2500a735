namespace Actors.Runtime.Data;

/// <summary>The held-out part in order, cut into windows whose targets do not overlap; a rest that is too short is left out.</summary>
public sealed class HeldOutWindows
{
    private readonly ByteCorpus _corpus;
    private readonly int _length;

    /// <summary>Cuts the held-out part into windows of <paramref name="sequenceLength"/> + 1 bytes.</summary>
    public HeldOutWindows(ByteCorpus corpus, int sequenceLength)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequenceLength);
        _corpus = corpus;
        _length = sequenceLength;
        Count = Math.Max(0, corpus.HeldOut.Length - 1) / sequenceLength;
    }

    /// <summary>Number of windows.</summary>
    public int Count { get; }

    /// <summary>Writes one window.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    /// <param name="inputs">Out: token ids (sequence length).</param>
    /// <param name="targets">Out: for each the one that follows (sequence length).</param>
    public void Read(int index, Span<int> inputs, Span<int> targets)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        TokenWindow.Copy(_corpus.HeldOut.Span.Slice(index * _length, _length + 1), inputs, targets);
    }
}
