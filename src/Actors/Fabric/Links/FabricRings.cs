using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;

namespace Actors.Runtime.Fabric.Links;

/// <summary>
/// The rings of one expert group: the transport's memory, which is all that its nodes share. A ring is written at one end and read at
/// the other; who may do so is said at <see cref="Ring"/>.
/// </summary>
public sealed class FabricRings : IDisposable
{
    private readonly Ring?[] _rings;
    private readonly Arena _arena;
    private readonly Arena _hostArena;

    /// <summary>
    /// Reserves the rings: on the device, and in the host's memory where one end lives in another process, whose link reads and writes them there, or on a
    /// device that does not reach this one's memory.
    /// </summary>
    /// <param name="backend">A device of the nodes that live here.</param>
    /// <param name="shape">The group.</param>
    /// <param name="settings">Their sizes.</param>
    /// <param name="isHere">Whether a node of the group lives in this process; null: all do. A ring needs one of its ends here.</param>
    /// <param name="sharedWith">
    /// Memory shared with the process of a node elsewhere, null where none is; the devices of this process reach it. Both processes take their rings from it in the
    /// same order.
    /// </param>
    /// <param name="reachEachOther">Whether the devices of the nodes that live here reach each other's memory.</param>
    public FabricRings(
        IBackend backend, GroupShape shape, FabricSettings settings, Func<int, bool>? isHere = null, Func<int, Arena?>? sharedWith = null,
        bool reachEachOther = true)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(settings);
        Shape = shape;
        Settings = settings.Validated();
        bool[] here = [.. Enumerable.Range(0, shape.Nodes).Select(node => isHere?.Invoke(node) ?? true)];
        Arena?[] shared = [.. here.Select((isNear, node) => isNear ? null : sharedWith?.Invoke(node))];
        bool[] onDevice = [.. here.Select(isNear => isNear && reachEachOther)];
        long pairs = 0, hostPairs = 0;
        for (int owner = 0; owner < here.Length; owner++)
        {
            for (int writer = 0; writer < here.Length; writer++)
            {
                bool isOwn = owner != writer && (here[owner] || here[writer]) && (shared[owner] ?? shared[writer]) is null;
                pairs += isOwn && onDevice[owner] && onDevice[writer] ? 1 : 0;
                hostPairs += isOwn && !(onDevice[owner] && onDevice[writer]) ? 1 : 0;
            }
        }

        _arena = new Arena(backend, pairs * PairRowBytes(shape, settings), pairs * PairHostBytes(shape, settings));
        _hostArena = new Arena(backend.AllocateHost(hostPairs * PairBytes(shape, settings)));
        _rings = new Ring?[2 * shape.Ranks * settings.Channels * shape.Nodes];
        for (int owner = 0; owner < shape.Ranks; owner++)
        {
            for (int channel = 0; channel < settings.Channels; channel++)
            {
                AddRings(owner, channel, here, onDevice, shared);
            }
        }
    }

    /// <summary>The group.</summary>
    public GroupShape Shape { get; }

    /// <summary>Sizes of the buffers.</summary>
    public FabricSettings Settings { get; }

    /// <summary>Bytes of the rings that one node of a group has for what another writes.</summary>
    public static long PairBytes(GroupShape shape, FabricSettings settings)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(settings);
        return PairRowBytes(shape, settings) + PairHostBytes(shape, settings);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _arena.Dispose();
        _hostArena.Dispose();
    }

    /// <summary>The ring that ends at a rank's channel and is written from another node.</summary>
    internal Ring RingOf(RingKind kind, int owner, int channel, int writerNode) =>
        _rings[Index(kind, owner, channel, writerNode)]
        ?? throw new InvalidOperationException($"Rank {owner} has no {kind} ring from node {writerNode} in this process.");

    /// <summary>Of the rows alone: a channel has a ring of either kind.</summary>
    internal static long PairRowBytes(GroupShape shape, FabricSettings settings) => (long)shape.RanksPerNode * settings.Channels
        * (Ring.PlanBytes(shape, settings, RingKind.Dispatch) + Ring.PlanBytes(shape, settings, RingKind.Combine));

    /// <summary>Of what the host reads.</summary>
    private static long PairHostBytes(GroupShape shape, FabricSettings settings) => 2L * shape.RanksPerNode * settings.Channels * Ring.PlanHostBytes(shape, settings);

    private void AddRings(int owner, int channel, bool[] here, bool[] onDevice, Arena?[] shared)
    {
        int ownerNode = Shape.NodeOf(owner);
        for (int node = 0; node < Shape.Nodes; node++)
        {
            if (node == ownerNode || !(here[node] || here[ownerNode]))
            {
                continue;
            }

            Arena arena = shared[node] ?? shared[ownerNode] ?? (onDevice[node] && onDevice[ownerNode] ? _arena : _hostArena);
            foreach (RingKind kind in new[] { RingKind.Dispatch, RingKind.Combine })
            {
                _rings[Index(kind, owner, channel, node)] = new Ring(arena, Shape, Settings, kind, node, ownerNode);
            }
        }
    }

    private int Index(RingKind kind, int owner, int channel, int node) =>
        (((((int)kind * Shape.Ranks) + owner) * Settings.Channels) + channel) * Shape.Nodes + node;
}
