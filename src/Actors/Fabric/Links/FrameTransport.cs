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
    private readonly TensorPool _frames;
    private readonly bool _lendsRows;

    public FrameTransport(IBackend backend, RunPlan plan)
    {
        _domains = [.. Enumerable.Range(0, plan.Ranks).Select(plan.DomainOf)];
        _frames = new TensorPool(backend);
        _lendsRows = !backend.OrdersStreams;
        Credits = plan.Fabric.SlotsPerRing;
    }

    /// <summary>Ranks of the run.</summary>
    public int Ranks => _domains.Length;

    /// <summary>Frames that a rank may have under way to another.</summary>
    public int Credits { get; }

    /// <summary>Whether the rows of one rank may become the other's.</summary>
    public bool IsOneDomain(int rank, int other) => _lendsRows && _domains[rank] == _domains[other];

    public Tensor Reserve(int rows, int columns, ElementType type) => _frames.Rent(rows, columns, type);

    public void Return(Tensor frame) => _frames.Return(frame);

    public void Dispose() => _frames.Dispose();
}
