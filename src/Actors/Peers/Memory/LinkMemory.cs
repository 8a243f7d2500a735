using Actors.Runtime.Configuration;
using Actors.Runtime.Peers.Lanes;
using Actors.Tensors;

namespace Actors.Runtime.Peers.Memory;

/// <summary>
/// The shared memory of one link: for each lane but that of control a ring each way, first the one that the connecting side writes, then
/// what the users share.
/// </summary>
internal sealed class LinkMemory : IDisposable
{
    private const int Alignment = 4096;
    private readonly SharedMemory _memory;
    private readonly int _ringBytes;
    private readonly bool _connected;

    /// <summary>Lays out the memory.</summary>
    /// <param name="memory">The memory, of <see cref="Plan"/>'s size.</param>
    /// <param name="settings">Sizes.</param>
    /// <param name="sharedBytes">What the users share.</param>
    /// <param name="connected">Whether this process is the side that connected.</param>
    public LinkMemory(SharedMemory memory, LinkSettings settings, long sharedBytes, bool connected)
    {
        (_memory, _ringBytes, _connected) = (memory, settings.RingBytes, connected);
        Shared = new MappedBuffer(memory, Plan(settings, 0), sharedBytes);
    }

    /// <summary>What the users share.</summary>
    public DeviceBuffer Shared { get; }

    /// <summary>The file.</summary>
    public SharedMemory File => _memory;

    /// <summary>Bytes of a link's memory.</summary>
    public static long Plan(LinkSettings settings, long sharedBytes)
    {
        long rings = 2L * (settings.ChunkLanes + 1) * SharedRing.PlanBytes(settings.RingBytes);
        return ((rings + Alignment - 1) / Alignment * Alignment) + sharedBytes;
    }

    /// <summary>The rings of a lane.</summary>
    public ByteLane Lane(int lane, LinkNotices notices)
    {
        SharedRing first = Ring(2 * (lane - 1)), second = Ring((2 * (lane - 1)) + 1);
        return new RingLane(lane, _connected ? first : second, _connected ? second : first, notices);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private SharedRing Ring(int index) => new(_memory.Pointer + (nint)(index * SharedRing.PlanBytes(_ringBytes)), _ringBytes);
}
