using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Fabric.Links;

/// <summary>
/// Carries frames between the domains of one process. Its memory belongs to neither side: the sender writes a frame, the receiver reads
/// it, and nothing else of a domain is seen by another.
/// </summary>
internal sealed class FrameTransport : IDisposable
{
    private readonly int[] _domains;
    private readonly TensorPool[] _frames;
    private readonly int[] _devices;
    private readonly bool _lendsRows;

    public FrameTransport(IReadOnlyList<IBackend> devices, RunPlan plan)
    {
        _domains = [.. Enumerable.Range(0, plan.Ranks).Select(plan.DomainOf)];
        _devices = [.. Enumerable.Range(0, plan.Ranks).Select(plan.DeviceOf)];
        _frames = [.. devices.Select(device => new TensorPool(device))];
        _lendsRows = !devices[0].OrdersStreams;
        Credits = plan.Fabric.SlotsPerRing;
    }

    /// <summary>Ranks of the run.</summary>
    public int Ranks => _domains.Length;

    /// <summary>Frames that a rank may have under way to another.</summary>
    public int Credits { get; }

    /// <summary>Whether the rows of one rank may become the other's.</summary>
    public bool IsOneDomain(int rank, int other) => _lendsRows && _domains[rank] == _domains[other];

    /// <summary>Memory of a frame, on the sender's device: rows are written there, and read by the receiver.</summary>
    public Tensor Reserve(int sender, int rows, int columns, ElementType type) => _frames[_devices[sender]].Rent(rows, columns, type);

    /// <summary>Gives a frame back; one without rows is ignored.</summary>
    public void Return(Frame frame)
    {
        if (!frame.Rows.IsAbsent)
        {
            _frames[_devices[frame.Sender]].Return(frame.Rows);
        }
    }

    public void Dispose() => Array.ForEach(_frames, frames => frames.Dispose());
}
