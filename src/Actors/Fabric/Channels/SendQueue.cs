namespace Actors.Runtime.Fabric.Channels;

/// <summary>
/// The exchanges that wait to cross to one node, in the order in which they started, and the credits for its ring. Order is
/// kept per destination, so the exchange that every rank started first is never stuck behind a later one. Bounded by the
/// number of exchanges.
/// </summary>
internal sealed class SendQueue
{
    private readonly Waiting[] _waiting;
    private readonly int[] _credits;
    private readonly TrafficCounters _traffic;
    private int _head;
    private int _count;

    public SendQueue(int exchanges, int slots, TrafficCounters traffic)
    {
        _traffic = traffic;
        _waiting = new Waiting[2 * exchanges];
        _credits = new int[slots];
        for (int slot = 0; slot < slots; slot++)
        {
            _credits[slot] = slots - 1 - slot;
        }

        Credits = slots;
    }

    /// <summary>Slots that may be written.</summary>
    public int Credits { get; private set; }

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Rows of the first waiting exchange that have been sent.</summary>
    public int RowsSent { get; set; }

    /// <summary>The exchange whose turn it is.</summary>
    public Waiting First => _waiting[_head];

    public void Enqueue(int exchange, ExchangePhase phase, long lastStart)
    {
        if (_count == _waiting.Length)
        {
            throw new InvalidOperationException($"Exchange {exchange} was started again before it had ended.");
        }

        _waiting[(_head + _count++) % _waiting.Length] = new Waiting(exchange, phase, lastStart);
        _traffic.WaitingExchanges++;
    }

    /// <summary>Whether a chunk waits and there is a credit for it; without one the wait is counted.</summary>
    public bool CanSend()
    {
        if (_count == 0)
        {
            return false;
        }

        _traffic.CreditWaits += Credits == 0 ? 1 : 0;
        return Credits > 0;
    }

    public void DropFirst()
    {
        _head = (_head + 1) % _waiting.Length;
        _count--;
        _traffic.WaitingExchanges--;
        RowsSent = 0;
    }

    /// <summary>The slot that was given back last: its memory is the likeliest to be in a cache still.</summary>
    public int TakeCredit() => _credits[--Credits];

    public void ReturnCredit(int slot)
    {
        // Held by the writer, filled and queued slots add up to those of the ring: more credits than slots would let one be written while it is read.
        if (Credits == _credits.Length)
        {
            throw new InvalidOperationException($"Slot {slot} was given back though the writer has all {_credits.Length} credits.");
        }

        _credits[Credits++] = slot;
    }

    /// <summary>An exchange that waits, and when the last of the ranks whose rows these are began it.</summary>
    internal readonly record struct Waiting(int Exchange, ExchangePhase Phase, long LastStart);
}
