using Akka.Actor;

namespace Akka.Dispatch;

/// <summary>Envelopes in a ring that grows: added and taken at both ends by one thread.</summary>
internal sealed class EnvelopeDeque
{
    private Envelope[] _items = new Envelope[8];
    private int _first;
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public bool IsEmpty => Count == 0;

    public void AddFirst(in Envelope envelope)
    {
        EnsureRoom();
        _first = (_first - 1) & (_items.Length - 1);
        _items[_first] = envelope;
        _count++;
    }

    public void AddLast(in Envelope envelope)
    {
        EnsureRoom();
        _items[(_first + _count) & (_items.Length - 1)] = envelope;
        _count++;
    }

    public bool TryTakeFirst(out Envelope envelope)
    {
        if (_count == 0)
        {
            envelope = default;
            return false;
        }

        envelope = _items[_first];
        _items[_first] = default;
        _first = (_first + 1) & (_items.Length - 1);
        _count--;
        return true;
    }

    public bool TryTakeLast(out Envelope envelope)
    {
        if (_count == 0)
        {
            envelope = default;
            return false;
        }

        int last = (_first + --_count) & (_items.Length - 1);
        envelope = _items[last];
        _items[last] = default;
        return true;
    }

    private void EnsureRoom()
    {
        if (_count < _items.Length)
        {
            return;
        }

        Envelope[] larger = new Envelope[_items.Length * 2];
        for (int i = 0; i < _count; i++)
        {
            larger[i] = _items[(_first + i) & (_items.Length - 1)];
        }

        _items = larger;
        _first = 0;
    }
}
