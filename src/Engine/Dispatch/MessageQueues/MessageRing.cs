using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Akka.Actor;

namespace Akka.Dispatch.MessageQueues;

/// <summary>
/// A ring of fixed size for many producers and one consumer, after D. Vyukov's bounded queue: each slot carries the
/// position that it waits for, so producers agree by one compare-and-swap and the consumer needs none. A full ring is
/// frozen, which makes every later add fail, and the queue goes on in the next one.
/// </summary>
internal sealed class MessageRing
{
    private const long FrozenOffset = 1L << 60;

    private readonly Slot[] _slots;
    private readonly int _mask;
    private Positions _positions;
    private MessageRing? _next;

    /// <param name="capacity">Number of slots, a power of two.</param>
    public MessageRing(int capacity)
    {
        _slots = new Slot[capacity];
        _mask = capacity - 1;
        for (int i = 0; i < capacity; i++)
        {
            _slots[i].Sequence = i;
        }
    }

    public int Capacity => _slots.Length;

    /// <summary>The ring that follows this one once it is frozen.</summary>
    public MessageRing? Next
    {
        get => Volatile.Read(ref _next);
        set => Volatile.Write(ref _next, value);
    }

    /// <summary>Positions given out to producers and not yet consumed.</summary>
    public long Count => End(Volatile.Read(ref _positions.Tail)) - Volatile.Read(ref _positions.Head);

    /// <summary>True when nothing can be added any more and all is consumed.</summary>
    public bool IsExhausted
    {
        get
        {
            long tail = Volatile.Read(ref _positions.Tail);
            return tail >= FrozenOffset && End(tail) == _positions.Head;
        }
    }

    /// <summary>Adds a message; false when the ring is full or frozen.</summary>
    public bool TryEnqueue(in Envelope envelope)
    {
        Slot[] slots = _slots;
        while (true)
        {
            long tail = Volatile.Read(ref _positions.Tail);
            ref Slot slot = ref slots[(int)tail & _mask];
            long ahead = Volatile.Read(ref slot.Sequence) - tail;
            if (ahead == 0)
            {
                if (Interlocked.CompareExchange(ref _positions.Tail, tail + 1, tail) == tail)
                {
                    slot.Item = envelope;
                    Volatile.Write(ref slot.Sequence, tail + 1); // publishes the item
                    return true;
                }
            }
            else if (ahead < 0)
            {
                return false;
            }
        }
    }

    /// <summary>Takes the oldest message; false when its slot holds none yet. Only the consumer calls this.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryDequeue(out Envelope envelope)
    {
        long head = _positions.Head;
        ref Slot slot = ref _slots[(int)head & _mask];
        if (Volatile.Read(ref slot.Sequence) != head + 1)
        {
            envelope = default;
            return false;
        }

        envelope = slot.Item;
        slot.Item = default;
        Volatile.Write(ref slot.Sequence, head + _slots.Length); // frees the slot for the next lap
        Volatile.Write(ref _positions.Head, head + 1);
        return true;
    }

    /// <summary>Makes every later add fail.</summary>
    public void Freeze() => Interlocked.Add(ref _positions.Tail, FrozenOffset);

    private static long End(long tail) => tail >= FrozenOffset ? tail - FrozenOffset : tail;

    private struct Slot
    {
        public long Sequence;
        public Envelope Item;
    }

    /// <summary>Producers' and consumer's positions on cache lines of their own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct Positions
    {
        [FieldOffset(128)]
        public long Head;

        [FieldOffset(256)]
        public long Tail;
    }
}
