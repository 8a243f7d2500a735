using System.Collections.Concurrent;

namespace Actors.Tensors;

/// <summary>
/// Counts what is allocated, by owner and kind: what is held, and the most that was held at once. An allocation costs an addition or two that no thread waits for.
/// Safe to use from several threads.
/// </summary>
/// <param name="owners">How many owners there are, by number from 0.</param>
public sealed class MemoryTally(int owners)
{
    private static readonly int Kinds = Enum.GetValues<MemoryKind>().Length;
    private readonly Count[] _counts = new Count[owners * Kinds * 2];
    private readonly ConcurrentQueue<Weight>[] _weights = [.. Enumerable.Range(0, owners).Select(_ => new ConcurrentQueue<Weight>())];

    /// <summary>How many owners there are.</summary>
    public int Owners => owners;

    /// <summary>The most bytes of a kind that an owner held at once.</summary>
    /// <param name="owner">Number of the owner.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="onHost">Pinned memory of the host beside a device's own; a device that has none apart counts all as its own.</param>
    public long MostOf(int owner, MemoryKind kind, bool onHost = false) =>
        Volatile.Read(ref _counts[Place(owner, kind, onHost)].Most) + (kind == MemoryKind.Values && !onHost ? _weights[owner].Sum(weight => weight.HeldBytes) : 0);

    /// <summary>A device whose allocations are counted.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="owner">Who allocates.</param>
    /// <param name="kind">What for, until <see cref="IBackend.For"/> says otherwise.</param>
    public IBackend Of(IBackend backend, int owner, MemoryKind kind = MemoryKind.Other) => new TalliedBackend(backend, this, owner, kind);

    internal void Add(int owner, Weight weight) => _weights[owner].Enqueue(weight);

    internal int Place(int owner, MemoryKind kind, bool onHost) => (((owner * Kinds) + (int)kind) * 2) + (onHost ? 1 : 0);

    internal void Add(int place, long bytes)
    {
        ref Count count = ref _counts[place];
        long held = Interlocked.Add(ref count.Held, bytes);
        long most = Volatile.Read(ref count.Most);
        while (held > most && Interlocked.CompareExchange(ref count.Most, held, most) is var seen && seen != most)
        {
            most = seen;
        }
    }

    private struct Count
    {
        public long Held;
        public long Most;
    }
}
