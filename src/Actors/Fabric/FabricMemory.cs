using Actors.Runtime.Fabric.Experts;
using Actors.Runtime.Fabric.Layout;
using Actors.Runtime.Fabric.Links;
using Actors.Tensors;

namespace Actors.Runtime.Fabric;

/// <summary>
/// The data plane of one expert group in one process: every rank's exchanges, windows and rings, by number. Messages name
/// what lies here; who may touch it and when is said at each type.
/// </summary>
public sealed class FabricMemory : IDisposable
{
    private readonly SourceExchange[][] _sources;
    private readonly ReceiveWindow[][] _windows;
    private readonly Ring?[] _rings;
    private readonly Arena _arena;

    /// <summary>Reserves everything whose size doesn't depend on the routing.</summary>
    /// <param name="backend">Where the rings lie.</param>
    /// <param name="shape">The group.</param>
    /// <param name="settings">Sizes of the buffers.</param>
    /// <param name="exchanges">Number of exchanges that may be under way at once; they are named 0 .. exchanges − 1.</param>
    public FabricMemory(IBackend backend, GroupShape shape, FabricSettings settings, int exchanges)
    {
        Shape = shape;
        Settings = settings.Validated();
        Exchanges = exchanges;
        _sources = new SourceExchange[shape.Ranks][];
        _windows = new ReceiveWindow[shape.Ranks][];
        for (int rank = 0; rank < shape.Ranks; rank++)
        {
            _sources[rank] = new SourceExchange[exchanges];
            _windows[rank] = new ReceiveWindow[exchanges];
            for (int exchange = 0; exchange < exchanges; exchange++)
            {
                _sources[rank][exchange] = new SourceExchange(shape, settings.Channels);
                _windows[rank][exchange] = new ReceiveWindow(shape, settings.Channels);
            }
        }

        long rings = 2L * shape.Ranks * settings.Channels * (shape.Nodes - 1);
        _arena = new Arena(backend, rings * Ring.PlanBytes(shape, settings));
        _rings = new Ring?[2 * shape.Ranks * settings.Channels * shape.Nodes];
        for (int owner = 0; owner < shape.Ranks; owner++)
        {
            for (int channel = 0; channel < settings.Channels; channel++)
            {
                AddRings(owner, channel);
            }
        }
    }

    /// <summary>The group.</summary>
    public GroupShape Shape { get; }

    /// <summary>Sizes of the buffers.</summary>
    public FabricSettings Settings { get; }

    /// <summary>Exchanges that may be under way at once.</summary>
    public int Exchanges { get; }

    /// <summary>What a rank sends and gets back in one exchange.</summary>
    public SourceExchange Source(int rank, int exchange) => _sources[rank][exchange];

    /// <summary>Where rows for a rank land in one exchange.</summary>
    public ReceiveWindow Window(int rank, int exchange) => _windows[rank][exchange];

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    /// <summary>The ring that lies at a rank's channel and is written from another node.</summary>
    internal Ring RingOf(RingKind kind, int owner, int channel, int writerNode) =>
        _rings[Index(kind, owner, channel, writerNode)]
        ?? throw new InvalidOperationException($"Rank {owner} has no {kind} ring from its own node {writerNode}.");

    private void AddRings(int owner, int channel)
    {
        int ownerNode = Shape.NodeOf(owner);
        for (int node = 0; node < Shape.Nodes; node++)
        {
            if (node == ownerNode)
            {
                continue;
            }

            foreach (RingKind kind in new[] { RingKind.Dispatch, RingKind.Combine })
            {
                _rings[Index(kind, owner, channel, node)] = new Ring(_arena, Shape, Settings, kind, node, ownerNode);
            }
        }
    }

    private int Index(RingKind kind, int owner, int channel, int node) =>
        (((((int)kind * Shape.Ranks) + owner) * Settings.Channels) + channel) * Shape.Nodes + node;
}
