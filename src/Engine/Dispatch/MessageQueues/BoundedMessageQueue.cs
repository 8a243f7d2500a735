using Akka.Actor;

namespace Akka.Dispatch.MessageQueues;

/// <summary>A queue with a limit: a sender that finds it full waits for room up to the push timeout.</summary>
internal sealed class BoundedMessageQueue : MessageQueue
{
    private readonly UnboundedMessageQueue _queue = new();
    private readonly int _capacity;
    private readonly TimeSpan _pushTimeout;
    private readonly object _room = new();
    private int _count;
    private int _waiting;
    private bool _closed;

    /// <param name="capacity">Most messages at once.</param>
    /// <param name="pushTimeout">How long a sender waits for room; negative: for ever, zero: not at all.</param>
    public BoundedMessageQueue(int capacity, TimeSpan pushTimeout)
    {
        _capacity = capacity;
        _pushTimeout = pushTimeout < TimeSpan.Zero ? Timeout.InfiniteTimeSpan : pushTimeout;
    }

    public override bool HasMessages => _queue.HasMessages;

    public override long Count => Volatile.Read(ref _count);

    public override bool TryEnqueue(in Envelope envelope) =>
        (TryReserve() || WaitForRoom()) && _queue.TryEnqueue(envelope);

    public override bool TryDequeue(out Envelope envelope)
    {
        if (!_queue.TryDequeue(out envelope))
        {
            return false;
        }

        Interlocked.Decrement(ref _count); // a full fence: a sender that begins to wait now sees the room
        if (Volatile.Read(ref _waiting) > 0)
        {
            lock (_room)
            {
                Monitor.Pulse(_room);
            }
        }

        return true;
    }

    public override void Close()
    {
        lock (_room)
        {
            _closed = true;
            Monitor.PulseAll(_room);
        }
    }

    private bool TryReserve()
    {
        if (Interlocked.Increment(ref _count) <= _capacity)
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        return false;
    }

    private bool WaitForRoom()
    {
        if (_pushTimeout == TimeSpan.Zero)
        {
            return false;
        }

        long deadline = Environment.TickCount64 + (long)_pushTimeout.TotalMilliseconds;
        Interlocked.Increment(ref _waiting);
        try
        {
            lock (_room)
            {
                while (!TryReserve())
                {
                    long left = _pushTimeout == Timeout.InfiniteTimeSpan ? Timeout.Infinite : deadline - Environment.TickCount64;
                    if (_closed || (left <= 0 && left != Timeout.Infinite))
                    {
                        return false;
                    }

                    Monitor.Wait(_room, (int)Math.Min(left, int.MaxValue));
                }
            }

            return true;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
