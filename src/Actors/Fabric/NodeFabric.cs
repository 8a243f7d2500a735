using Actors.Runtime.Fabric.Devices;
using Actors.Runtime.Fabric.Experts;
using Actors.Runtime.Fabric.Layout;
using Actors.Runtime.Fabric.Links;

namespace Actors.Runtime.Fabric;

/// <summary>
/// What the ranks of one node of an expert group send from and receive into, by the number of the exchange; who may touch it and when is
/// said at each type. Other nodes are reached through the group's rings and by messages alone.
/// </summary>
public sealed class NodeFabric
{
    private readonly FabricRings _rings;
    private readonly int _node;
    private readonly SourceExchange[][] _sources;
    private readonly ReceiveWindow[][] _windows;

    /// <summary>Makes the places of a node; their memory comes with the rows.</summary>
    /// <param name="rings">Leads to the other nodes.</param>
    /// <param name="node">Node of the group.</param>
    /// <param name="exchanges">Number of exchanges that may be under way at once; they are named 0 .. exchanges − 1.</param>
    public NodeFabric(FabricRings rings, int node, int exchanges)
        : this(rings, node, exchanges, windows: null)
    {
    }

    /// <summary>Makes the places of a node, of which windows on a device may take the part.</summary>
    internal NodeFabric(FabricRings rings, int node, int exchanges, GroupWindows? windows)
    {
        ArgumentNullException.ThrowIfNull(rings);
        _rings = rings;
        _node = node;
        Exchanges = exchanges;
        DeviceWindows = windows;
        _sources = new SourceExchange[Shape.RanksPerNode][];
        _windows = new ReceiveWindow[Shape.RanksPerNode][];
        for (int local = 0; local < _sources.Length; local++)
        {
            _sources[local] = new SourceExchange[exchanges];
            _windows[local] = new ReceiveWindow[exchanges];
            for (int exchange = 0; exchange < exchanges; exchange++)
            {
                _sources[local][exchange] = new SourceExchange(Shape, Settings.Channels);
                _windows[local][exchange] = new ReceiveWindow(Shape, Settings.Channels);
            }
        }
    }

    /// <summary>The group.</summary>
    public GroupShape Shape => _rings.Shape;

    /// <summary>Sizes of the buffers.</summary>
    public FabricSettings Settings => _rings.Settings;

    /// <summary>Exchanges that may be under way at once.</summary>
    public int Exchanges { get; }

    /// <summary>Windows of all ranks of the group, where their device reaches them all and orders their streams; null: channels carry the rows.</summary>
    internal GroupWindows? DeviceWindows { get; }

    /// <summary>What a rank of the node sends and gets back in one exchange.</summary>
    public SourceExchange Source(int rank, int exchange) => _sources[LocalOf(rank)][exchange];

    /// <summary>Where rows for a rank of the node land in one exchange.</summary>
    public ReceiveWindow Window(int rank, int exchange) => _windows[LocalOf(rank)][exchange];

    /// <inheritdoc cref="FabricRings.RingOf"/>
    internal Ring RingOf(RingKind kind, int owner, int channel, int writerNode) => _rings.RingOf(kind, owner, channel, writerNode);

    // A rank of another node has its memory in another domain: whoever asks for it would go around the transport.
    private int LocalOf(int rank) => Shape.NodeOf(rank) == _node
        ? Shape.LocalOf(rank)
        : throw new InvalidOperationException($"Rank {rank} is of node {Shape.NodeOf(rank)}; node {_node} reaches it by messages and rings alone.");
}
