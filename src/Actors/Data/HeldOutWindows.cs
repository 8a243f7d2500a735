namespace Actors.Runtime.Data;

/// <summary>A held-out text in order, cut into windows whose targets do not overlap; a rest that is too short is left out.</summary>
public sealed class HeldOutWindows
{
    private readonly TokenRun _text;
    private readonly int _length;

    /// <summary>Cuts the text into windows of <paramref name="sequenceLength"/> + 1 tokens.</summary>
    public HeldOutWindows(TokenRun text, int sequenceLength)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequenceLength);
        _text = text;
        _length = sequenceLength;
        Count = Math.Max(0, text.Length - 1) / sequenceLength;
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
        _text.Read(index * _length, inputs, targets);
    }
}
