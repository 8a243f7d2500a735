using Akka.Actor;

namespace Akka.Dispatch.MessageQueues;

/// <summary>
/// A queue that grows by doubling rings: adding and taking allocate nothing while the backlog fits the current ring.
/// </summary>
internal sealed class UnboundedMessageQueue : MessageQueue
{
    private const int FirstCapacity = 32;
    private const int LargestCapacity = 1 << 16;

    private readonly Lock _growth = new();
    private MessageRing _head; // the consumer's
    private MessageRing _tail; // the producers'

    public UnboundedMessageQueue()
    {
        _head = new MessageRing(FirstCapacity);
        _tail = _head;
    }

    public override bool HasMessages
    {
        get
        {
            MessageRing head = Volatile.Read(ref _head);
            return head.Count != 0 || head.Next is not null;
        }
    }

    public override long Count
    {
        get
        {
            long count = 0;
            for (MessageRing? ring = Volatile.Read(ref _head); ring is not null; ring = ring.Next)
            {
                count += ring.Count;
            }

            return count;
        }
    }

    public override bool TryEnqueue(in Envelope envelope)
    {
        while (true)
        {
            MessageRing tail = Volatile.Read(ref _tail);
            if (tail.TryEnqueue(envelope))
            {
                return true;
            }

            Grow(tail);
        }
    }

    public override bool TryDequeue(out Envelope envelope)
    {
        if (_head.TryDequeue(out envelope))
        {
            return true;
        }

        while (_head.Next is { } next && _head.IsExhausted)
        {
            Volatile.Write(ref _head, next);
            if (next.TryDequeue(out envelope))
            {
                return true;
            }
        }

        return false;
    }

    private void Grow(MessageRing full)
    {
        lock (_growth)
        {
            if (_tail != full)
            {
                return;
            }

            full.Freeze();
            MessageRing next = new(Math.Min(full.Capacity * 2, LargestCapacity));
            full.Next = next;
            Volatile.Write(ref _tail, next);
        }
    }
}
