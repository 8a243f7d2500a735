using Actors.Tensors;

namespace Actors.Runtime.Fabric.Links;

/// <summary>
/// What a stage lends to stages of other ranks on devices that order streams. The host lends far ahead of the device, and gets rows back as far ahead: so the
/// memory that has been back for the longest is lent next, and none before there are some, that a stream seldom waits for who reads.
/// </summary>
internal sealed class RowLender
{
    /// <summary>Pieces of memory at least, where as many are lent: what is written again was read that many turns before.</summary>
    public const int LeastPieces = 8;

    private readonly int _rank;
    private readonly FrameTransport _transport;
    private readonly IBackend _backend;
    private readonly IStream _stream;
    private readonly int _mostRows;
    private readonly Queue<LentRows> _free = [];
    private int _made;

    /// <summary>Makes a lender.</summary>
    /// <param name="rank">Number in the run.</param>
    /// <param name="transport">Frees the memory, after all streams.</param>
    /// <param name="backend">The rank's device.</param>
    /// <param name="stream">The stage's.</param>
    /// <param name="mostRows">Most rows that are lent at once.</param>
    public RowLender(int rank, FrameTransport transport, IBackend backend, IStream stream, int mostRows) =>
        (_rank, _transport, _backend, _stream, _mostRows) = (rank, transport, backend, stream, mostRows);

    /// <summary>Pieces that others have.</summary>
    public int Lent => _made - _free.Count;

    /// <summary>Rows to be computed by the stage's stream.</summary>
    public Frame Rent(int rows, int columns, ElementType type)
    {
        LentRows lent = _made < LeastPieces || !_free.TryDequeue(out LentRows? free) ? Make(columns, type) : free;
        return lent.Begin(_stream, rows, columns, type);
    }

    /// <summary>The stage's stream has computed the rows that are given away.</summary>
    public void Give(LentRows lent) => _stream.Record(lent.Computed);

    /// <summary>The stage's stream goes on behind what has computed rows of another.</summary>
    public void Await(LentRows lent) => _stream.Wait(lent.Computed);

    /// <summary>The stage's stream has read rows of another.</summary>
    public void Read(LentRows lent) => lent.Read(_stream, _backend, _transport.DeviceOf(_rank));

    /// <summary>Rows have come back.</summary>
    public void Return(LentRows lent) => _free.Enqueue(lent);

    private LentRows Make(int columns, ElementType type)
    {
        _made++;
        return _transport.Own(new LentRows(_backend, _rank, _transport.Devices, (long)_mostRows * columns * type.SizeInBytes()));
    }
}
