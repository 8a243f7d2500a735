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

    /// <summary>Reserves the rings.</summary>
    /// <param name="backend">Where they lie.</param>
    /// <param name="shape">The group.</param>
    /// <param name="settings">Their sizes.</param>
    public FabricRings(IBackend backend, GroupShape shape, FabricSettings settings)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(settings);
        Shape = shape;
        Settings = settings.Validated();
        long rings = 2L * shape.Ranks * settings.Channels * (shape.Nodes - 1);
        _arena = new Arena(backend, rings * Ring.PlanBytes(shape, settings), rings * Ring.PlanHostBytes(shape, settings));
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

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    /// <summary>The ring that ends at a rank's channel and is written from another node.</summary>
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
