using System.Runtime.InteropServices;
using Actors.Tensors;

namespace Actors.Model.Inference;

/// <summary>Where the rows of each running sequence lie in the compressed cache, for one decoding step of all of them.</summary>
public sealed class DecodeBatch : IDisposable
{
    private readonly DeviceBuffer _buffer;
    private readonly Tensor _firstRows;
    private readonly Tensor _lengths;
    private readonly int[] _hostFirstRows;
    private readonly int[] _hostLengths;

    /// <summary>Allocates for at most <paramref name="maxSequences"/>.</summary>
    public DecodeBatch(IBackend backend, int maxSequences)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSequences, 1);
        _buffer = backend.Allocate(2L * maxSequences * sizeof(int));
        _firstRows = new Tensor(_buffer, 0, 1, maxSequences, maxSequences, ElementType.Int32);
        _lengths = new Tensor(_buffer, maxSequences, 1, maxSequences, maxSequences, ElementType.Int32);
        _hostFirstRows = new int[maxSequences];
        _hostLengths = new int[maxSequences];
    }

    /// <summary>Running sequences.</summary>
    public int Count { get; private set; }

    /// <summary>Int32 (1, sequences): first cache row of each.</summary>
    public Tensor FirstRows => _firstRows.ColumnRange(0, Count);

    /// <summary>Int32 (1, sequences): rows of each, the new one included.</summary>
    public Tensor Lengths => _lengths.ColumnRange(0, Count);

    /// <summary>Cache row of the new token of sequence <paramref name="sequence"/>.</summary>
    public int LastRow(int sequence) => _hostFirstRows[sequence] + _hostLengths[sequence] - 1;

    /// <summary>Sets the sequences of the next step.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="firstRows">First cache row of each.</param>
    /// <param name="lengths">Rows of each, the new token's included.</param>
    public void Set(IStream stream, ReadOnlySpan<int> firstRows, ReadOnlySpan<int> lengths)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (firstRows.Length != lengths.Length || lengths.Length > _hostLengths.Length)
        {
            throw new ArgumentException(
                $"{firstRows.Length} first rows and {lengths.Length} lengths were given; planned were {_hostLengths.Length} sequences.");
        }

        firstRows.CopyTo(_hostFirstRows);
        lengths.CopyTo(_hostLengths);
        Count = lengths.Length;
        stream.Upload(MemoryMarshal.AsBytes(firstRows), FirstRows);
        stream.Upload(MemoryMarshal.AsBytes(lengths), Lengths);
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();
}
