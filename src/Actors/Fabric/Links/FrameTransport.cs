using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Fabric.Links;

/// <summary>
/// Carries frames between domains. Its memory belongs to neither side: the sender writes a frame, the receiver reads it, and nothing else of a domain is seen by
/// another. A frame lies on the sender's device; where the receiver's does not reach that, or lives in another process, whose link reads it or has written it, in
/// memory of the host that devices reach. What ranks lend each other by marks is its memory too: it outlives all streams.
/// </summary>
internal sealed class FrameTransport : IDisposable
{
    private readonly int[] _domains;
    private readonly int[] _reaches;
    private readonly TensorPool[] _frames;
    private readonly int?[] _devices;
    private readonly bool _ordersStreams;
    private readonly bool _reachEachOther;
    private readonly Lock _gate = new();
    private readonly List<LentRows> _lent = [];

    /// <summary>Makes the transport of a process.</summary>
    /// <param name="devices">What its ranks compute on.</param>
    /// <param name="plan">The run.</param>
    /// <param name="deviceOf">The device of a rank; null where the rank lives in another process.</param>
    /// <param name="reachEachOther">Whether the devices reach each other's memory.</param>
    public FrameTransport(IReadOnlyList<IBackend> devices, RunPlan plan, Func<int, int?> deviceOf, bool reachEachOther = true)
    {
        _domains = [.. Enumerable.Range(0, plan.Ranks).Select(plan.DomainOf)];
        _reaches = [.. Enumerable.Range(0, plan.Ranks).Select(rank => plan.ReachOf(rank, reachEachOther))];
        _devices = [.. Enumerable.Range(0, plan.Ranks).Select(deviceOf)];
        _frames = [.. devices.Select(device => new TensorPool(device))];
        _ordersStreams = devices[0].OrdersStreams;
        _reachEachOther = reachEachOther;
        Credits = plan.Fabric.SlotsPerRing;
    }

    /// <summary>Ranks of the run.</summary>
    public int Ranks => _domains.Length;

    /// <summary>Devices of the run.</summary>
    public int Devices => _frames.Length;

    /// <summary>Frames that a rank may have under way to another.</summary>
    public int Credits { get; }

    /// <summary>Whether the rows of one rank may become the other's.</summary>
    public bool IsOneDomain(int rank, int other) => !_ordersStreams && _domains[rank] == _domains[other];

    /// <summary>Whether the stream of one rank reads rows of the other where they lie, ordered by marks.</summary>
    public bool Lends(int rank, int other) => _ordersStreams && _reaches[rank] == _reaches[other];

    /// <summary>The device of a rank of this process.</summary>
    public int DeviceOf(int rank) => _devices[rank] ?? throw new InvalidOperationException($"Rank {rank} lives in another process.");

    /// <summary>Leaves memory that a rank lends with the transport, which frees it in turn.</summary>
    public LentRows Own(LentRows lent)
    {
        lock (_gate)
        {
            _lent.Add(lent);
        }

        return lent;
    }

    /// <summary>Memory of a frame: rows are written there by the sender or its link, and read by the receiver or its link.</summary>
    public Tensor Reserve(int sender, int receiver, int rows, int columns, ElementType type) => IsReachedBy(sender, receiver)
        ? PoolOf(sender).Rent(rows, columns, type)
        : PoolOf(sender).RentHost(rows, columns, type);

    /// <summary>Gives a frame back; one without rows is ignored.</summary>
    public void Return(Frame frame)
    {
        if (!frame.Rows.IsAbsent)
        {
            PoolOf(frame.Sender).Return(frame.Rows);
        }
    }

    public void Dispose()
    {
        _lent.ForEach(lent => lent.Dispose());
        Array.ForEach(_frames, frames => frames.Dispose());
    }

    private bool IsReachedBy(int sender, int receiver) =>
        _devices[sender] is { } from && _devices[receiver] is { } to && (from == to || _reachEachOther);

    /// <summary>Memory of the host is the same whatever device has allocated it: that of a sender elsewhere comes from the first.</summary>
    private TensorPool PoolOf(int sender) => _frames[_devices[sender] ?? 0];
}
