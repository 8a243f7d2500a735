namespace Actors.Runtime.Fabric.Channels;

/// <summary>Filled slots of one ring that wait for the owner, in order of arrival.</summary>
internal sealed class SlotQueue(int slots)
{
    private readonly int[] _slots = new int[slots];
    private int _head;
    private int _count;

    public bool IsEmpty => _count == 0;

    public int First => _slots[_head];

    public void Enqueue(int slot)
    {
        // A slot is filled once between two credits: one more than there are would overwrite rows that nobody has read.
        if (_count == _slots.Length)
        {
            throw new InvalidOperationException($"Slot {slot} came though all {_slots.Length} slots of the ring are filled.");
        }

        _slots[(_head + _count++) % _slots.Length] = slot;
    }

    public void DropFirst()
    {
        _head = (_head + 1) % _slots.Length;
        _count--;
    }
}
