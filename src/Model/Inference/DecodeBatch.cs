using System.Runtime.InteropServices;
using Actors.Tensors;

namespace Actors.Model.Inference;

/// <summary>
/// A decoding step's rows, one a running sequence: token, position, and where the sequence lies in the compressed cache. All of it is one piece of device
/// memory that one upload fills, so that operations that read it need nothing else of a step.
/// </summary>
public sealed class DecodeBatch : IDisposable
{
    private const int None = -1;

    private readonly DeviceBuffer _buffer;
    private readonly Tensor _all;
    private readonly int[] _host;

    /// <summary>Allocates for at most <paramref name="maxSequences"/>.</summary>
    public DecodeBatch(IBackend backend, int maxSequences)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSequences, 1);
        int parts = Enum.GetValues<Part>().Length;
        _buffer = backend.Allocate((long)parts * maxSequences * sizeof(int));
        _all = new Tensor(_buffer, 0, parts, maxSequences, maxSequences, ElementType.Int32);
        _host = new int[parts * maxSequences];
    }

    private enum Part
    {
        Ids,
        Positions,
        FirstRows,
        Lengths,
        NewRows,
        Slots,
    }

    /// <summary>Rows of the step.</summary>
    public int Rows { get; private set; }

    /// <summary>One more than the largest position.</summary>
    public int EndPosition { get; private set; }

    /// <summary>Int32 (1, rows): each sequence's newest token.</summary>
    public Tensor Ids => Of(Part.Ids);

    /// <summary>Int32 (1, rows): its position.</summary>
    public Tensor Positions => Of(Part.Positions);

    /// <summary>Int32 (1, rows): first cache row of each.</summary>
    public Tensor FirstRows => Of(Part.FirstRows);

    /// <summary>Int32 (1, rows): cache rows of each, the new one included.</summary>
    public Tensor Lengths => Of(Part.Lengths);

    /// <summary>Int32 (1, rows): the cache row that the token gets; −1 of a row without a sequence.</summary>
    public Tensor NewRows => Of(Part.NewRows);

    /// <summary>Int32 (1, rows): slot of each sequence; −1 of a row without one.</summary>
    public Tensor Slots => Of(Part.Slots);

    /// <summary>Sets the sequences of the next step.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="ids">Newest token of each, at least one.</param>
    /// <param name="slots">Slot of each.</param>
    /// <param name="firstRows">First cache row of each.</param>
    /// <param name="lengths">Cache rows of each, the new token's included.</param>
    /// <param name="rows">
    /// Rows of the step, as many as there are sequences, or more: then the first sequence is computed again in each of the others, which changes nothing.
    /// </param>
    public void Set(IStream stream, ReadOnlySpan<int> ids, ReadOnlySpan<int> slots, ReadOnlySpan<int> firstRows, ReadOnlySpan<int> lengths, int rows)
    {
        ArgumentNullException.ThrowIfNull(stream);
        int sequences = ids.Length;
        if (slots.Length != sequences || firstRows.Length != sequences || lengths.Length != sequences || rows < sequences || rows > _all.Columns
            || (rows > 0 && sequences == 0))
        {
            throw new ArgumentException(
                $"{sequences} ids, {slots.Length} slots, {firstRows.Length} first rows and {lengths.Length} lengths were given for {rows} rows; planned were {_all.Columns}.");
        }

        (Rows, EndPosition) = (rows, 0);
        for (int row = 0; row < rows; row++)
        {
            bool isOwn = row < sequences;
            int from = isOwn ? row : 0, last = lengths[from] - 1;
            EndPosition = Math.Max(EndPosition, lengths[from]);
            Host(Part.Ids)[row] = ids[from];
            Host(Part.Positions)[row] = last;
            Host(Part.FirstRows)[row] = firstRows[from];
            Host(Part.Lengths)[row] = lengths[from];
            Host(Part.NewRows)[row] = isOwn ? firstRows[from] + last : None;
            Host(Part.Slots)[row] = isOwn ? slots[from] : None;
        }

        stream.Upload(MemoryMarshal.AsBytes<int>(_host), _all);
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    private Tensor Of(Part part) => _all.RowRange((int)part, 1).ColumnRange(0, Rows);

    private Span<int> Host(Part part) => _host.AsSpan((int)part * _all.Columns, _all.Columns);
}
