using System.Runtime.InteropServices;
using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>
/// Where the sequences of a chunk lie in its rows, what of them attention sees, and each row's position: made once a chunk, read by the attention of
/// every layer.
/// </summary>
public sealed class SequenceLayout : IDisposable
{
    private readonly IBackend _backend;
    private readonly Arena _arena;
    private readonly Tensor _positions;
    private readonly Tensor _sequences;
    private readonly int[] _hostPositions;
    private readonly int[] _hostSequences;
    private Arena? _documentArena;
    private Tensor _documents;
    private int[] _hostDocuments = [];
    private int _documentCount;

    /// <summary>Allocates for at most <paramref name="maxTokens"/> rows in <paramref name="maxSequences"/> sequences.</summary>
    public SequenceLayout(IBackend backend, int maxTokens, int maxSequences)
    {
        _backend = backend;
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

    /// <summary>Int32 (1, tokens): each row's position in its sequence, or in its document where attention sees no further.</summary>
    public Tensor Positions => _positions.ColumnRange(0, Tokens);

    /// <summary>Int32 (1, sequences + 1): first row of each sequence, then the number of rows.</summary>
    public Tensor Boundaries => _sequences.ColumnRange(0, Sequences + 1);

    /// <summary>
    /// Int32 (1, parts + 1): first row of each part of the chunk that attention does not look out of, then the number of rows. The sequences, or the
    /// documents in them.
    /// </summary>
    public Tensor AttentionBoundaries => _documentCount == 0 ? Boundaries : _documents.ColumnRange(0, _documentCount + 1);

    /// <summary>First row of sequence <paramref name="sequence"/>; for the number of sequences, the number of rows.</summary>
    public int FirstRow(int sequence) => _hostSequences[sequence];

    /// <summary>Lays out <paramref name="sequences"/> sequences of <paramref name="length"/> rows each.</summary>
    /// <param name="stream">Copies.</param>
    /// <param name="sequences">How many.</param>
    /// <param name="length">Rows of each.</param>
    /// <param name="positions">
    /// Each row's position in its document (tokens): 0 where attention begins anew, as at the beginning of every sequence, else one more than the row
    /// before. Empty: attention sees whole sequences.
    /// </param>
    /// <exception cref="ArgumentException">They do not fit, or positions are none.</exception>
    public void SetUniform(IStream stream, int sequences, int length, ReadOnlySpan<int> positions = default)
    {
        Begin(sequences, (long)sequences * length);
        for (int s = 0; s < sequences; s++)
        {
            Append(s, length);
        }

        if (!positions.IsEmpty)
        {
            CutIntoDocuments(length, _hostSequences[sequences], positions);
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
    public void Dispose()
    {
        _arena.Dispose();
        _documentArena?.Dispose();
    }

    private void CutIntoDocuments(int length, int tokens, ReadOnlySpan<int> positions)
    {
        if (positions.Length != tokens)
        {
            throw new ArgumentException($"{tokens} rows need as many positions, found {positions.Length}.", nameof(positions));
        }

        EndPosition = 0;
        if (_documentArena is null)
        {
            // The first chunk with documents takes the memory for their table: most runs mask nothing.
            var plan = new TensorPlan();
            plan.Add(1, _hostPositions.Length + 1, ElementType.Int32);
            _documentArena = plan.Allocate(_backend);
            _documents = plan.Next();
            _hostDocuments = new int[_hostPositions.Length + 1];
        }

        for (int row = 0; row < tokens; row++)
        {
            int position = positions[row];
            if (position == 0)
            {
                _hostDocuments[_documentCount++] = row;
            }
            else if (row % length == 0 || position != positions[row - 1] + 1)
            {
                throw new ArgumentException($"Row {row % length} of a sequence cannot have the position {position} in its document.", nameof(positions));
            }

            _hostPositions[row] = position;
            EndPosition = Math.Max(EndPosition, position + 1);
        }

        _hostDocuments[_documentCount] = tokens;
    }

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
        _documentCount = 0;
        _hostSequences[0] = 0;
    }

    private void Upload(IStream stream, int sequences)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Sequences = sequences;
        Tokens = _hostSequences[sequences];
        stream.Upload(MemoryMarshal.AsBytes(_hostPositions.AsSpan(0, Tokens)), Positions);
        stream.Upload(MemoryMarshal.AsBytes(_hostSequences.AsSpan(0, sequences + 1)), Boundaries);
        if (_documentCount > 0)
        {
            stream.Upload(MemoryMarshal.AsBytes(_hostDocuments.AsSpan(0, _documentCount + 1)), AttentionBoundaries);
        }
    }
}
