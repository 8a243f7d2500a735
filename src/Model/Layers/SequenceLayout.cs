using System.Runtime.InteropServices;
using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>
/// Where the sequences of a chunk lie in its rows, and each row's position: made once a chunk, read by the attention of every
/// layer.
/// </summary>
public sealed class SequenceLayout : IDisposable
{
    private readonly Arena _arena;
    private readonly Tensor _positions;
    private readonly Tensor _sequences;
    private readonly int[] _hostPositions;
    private readonly int[] _hostSequences;

    /// <summary>Allocates for at most <paramref name="maxTokens"/> rows in <paramref name="maxSequences"/> sequences.</summary>
    public SequenceLayout(IBackend backend, int maxTokens, int maxSequences)
    {
        var plan = new TensorPlan();
        plan.Add(1, maxTokens, ElementType.Int32);
        plan.Add(1, maxSequences + 1, ElementType.Int32);
        _arena = plan.Allocate(backend);
        _positions = plan.Next();
        _sequences = plan.Next();
        _hostPositions = new int[maxTokens];
        _hostSequences = new int[maxSequences + 1];
    }

    /// <summary>Rows.</summary>
    public int Tokens { get; private set; }

    /// <summary>Number of sequences.</summary>
    public int Sequences { get; private set; }

    /// <summary>One more than the largest position; 0 without rows.</summary>
    public int EndPosition { get; private set; }

    /// <summary>Int32 (1, tokens): each row's position in its sequence.</summary>
    public Tensor Positions => _positions.ColumnRange(0, Tokens);

    /// <summary>Int32 (1, sequences + 1): first row of each sequence, then the number of rows.</summary>
    public Tensor Boundaries => _sequences.ColumnRange(0, Sequences + 1);

    /// <summary>First row of sequence <paramref name="sequence"/>; for the number of sequences, the number of rows.</summary>
    public int FirstRow(int sequence) => _hostSequences[sequence];

    /// <summary>Lays out <paramref name="sequences"/> sequences of <paramref name="length"/> rows each.</summary>
    public void SetUniform(IStream stream, int sequences, int length)
    {
        Begin(sequences, (long)sequences * length);
        for (int s = 0; s < sequences; s++)
        {
            Append(s, length);
        }

        Upload(stream, sequences);
    }

    /// <summary>Lays out sequences of different lengths, each starting at position 0.</summary>
    public void Set(IStream stream, ReadOnlySpan<int> lengths)
    {
        long tokens = 0;
        foreach (int length in lengths)
        {
            tokens += length;
        }

        Begin(lengths.Length, tokens);
        for (int s = 0; s < lengths.Length; s++)
        {
            Append(s, lengths[s]);
        }

        Upload(stream, lengths.Length);
    }

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    private void Append(int sequence, int length)
    {
        int start = _hostSequences[sequence];
        for (int i = 0; i < length; i++)
        {
            _hostPositions[start + i] = i;
        }

        _hostSequences[sequence + 1] = start + length;
        EndPosition = Math.Max(EndPosition, length);
    }

    private void Begin(int sequences, long tokens)
    {
        if (sequences >= _hostSequences.Length || tokens > _hostPositions.Length)
        {
            throw new ArgumentException(
                $"{sequences} sequences of {tokens} tokens in all do not fit: planned were {_hostSequences.Length - 1} of {_hostPositions.Length}.");
        }

        EndPosition = 0;
        _hostSequences[0] = 0;
    }

    private void Upload(IStream stream, int sequences)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Sequences = sequences;
        Tokens = _hostSequences[sequences];
        stream.Upload(MemoryMarshal.AsBytes(_hostPositions.AsSpan(0, Tokens)), Positions);
        stream.Upload(MemoryMarshal.AsBytes(_hostSequences.AsSpan(0, sequences + 1)), Boundaries);
    }
}
