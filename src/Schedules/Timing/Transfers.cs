namespace Actors.Schedules.Timing;

/// <summary>
/// The transfers between ranks, each named by the slot of what it carries. Those of one ordered pair of ranks follow each other in the
/// order in which their sender computed them.
/// </summary>
internal sealed class Transfers
{
    private readonly StepCosts _costs;
    private readonly ChunkTable _chunks;
    private readonly Dictionary<(int From, int To), int> _lastOf = [];
    private readonly Transfer[] _transfers;

    public Transfers(StepCosts costs, ChunkTable chunks)
    {
        _costs = costs;
        _chunks = chunks;
        _transfers = costs.IsSendingFree ? [] : new Transfer[chunks.Slots];
    }

    /// <summary>Sends a result that is ready at a time; when it can be used by the receiver.</summary>
    public double Send(int slot, double readyAt, int from, int to)
    {
        var link = _costs.LinkOf(from, to);
        var occupied = link.OccupiedBy(_chunks.IsBackward(slot) ? _costs.GradientBytes : _costs.ActivationBytes);
        var previous = ChunkTable.None;
        if (double.IsFinite(link.Bandwidth))
        {
            previous = _lastOf.GetValueOrDefault((from, to), ChunkTable.None);
            _lastOf[(from, to)] = slot;
        }

        var waits = previous != ChunkTable.None && _transfers[previous].FreeAt > readyAt;
        var start = waits ? _transfers[previous].FreeAt : readyAt;
        _transfers[slot] = new Transfer(start, start + occupied, to, waits ? previous : ChunkTable.None);
        return start + occupied + link.Latency;
    }

    /// <summary>When a transfer began to occupy its link.</summary>
    public double StartOf(int slot) => _transfers[slot].StartAt;

    /// <summary>When the link was free again.</summary>
    public double FreeAt(int slot) => _transfers[slot].FreeAt;

    public int ReceiverOf(int slot) => _transfers[slot].To;

    /// <summary>The transfer whose end this one waited for, or <see cref="ChunkTable.None"/> where it began at once.</summary>
    public int WaitedFor(int slot) => _transfers[slot].WaitedFor;

    private readonly record struct Transfer(double StartAt, double FreeAt, int To, int WaitedFor);
}
