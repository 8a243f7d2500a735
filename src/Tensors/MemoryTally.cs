using System.Collections.Concurrent;

namespace Actors.Tensors;

/// <summary>
/// Counts what one owner allocates, by kind: what is held, and the most that was held at once. An allocation costs an addition or two that no thread waits for.
/// Safe to use from several threads.
/// </summary>
public sealed class MemoryTally
{
    private readonly Count[] _counts = new Count[Enum.GetValues<MemoryKind>().Length * 2];
    private readonly ConcurrentQueue<Weight> _weights = [];

    /// <summary>The most bytes of a kind that were held at once.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="onHost">Pinned memory of the host beside a device's own; a device that has none apart counts all as its own.</param>
    public long MostOf(MemoryKind kind, bool onHost = false) =>
        Volatile.Read(ref _counts[Place(kind, onHost)].Most) + (kind == MemoryKind.Values && !onHost ? _weights.Sum(weight => weight.HeldBytes) : 0);

    /// <summary>A device whose allocations are counted.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="kind">What for, until <see cref="IBackend.For"/> says otherwise.</param>
    public IBackend Of(IBackend backend, MemoryKind kind = MemoryKind.Other) => new TalliedBackend(backend, this, kind);

    internal static int Place(MemoryKind kind, bool onHost) => ((int)kind * 2) + (onHost ? 1 : 0);

    internal void Add(Weight weight) => _weights.Enqueue(weight);

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
