namespace Actors.Schedules.Checking;

/// <summary>The backwards for weights that a rank owes, oldest first.</summary>
internal sealed class OwedWeights
{
    private readonly Queue<(int Stage, int MicroBatch)> _order = new();
    private readonly HashSet<(int Stage, int MicroBatch)> _owed = [];

    public void Owe(int stage, int microBatch)
    {
        if (_owed.Add((stage, microBatch)))
        {
            _order.Enqueue((stage, microBatch));
        }
    }

    /// <summary>Pays one; the older one that was due instead, or null where it is in order or was not owed at all.</summary>
    public StageAction? Pay(int stage, int microBatch)
    {
        if (!_owed.Remove((stage, microBatch)))
        {
            return null;
        }

        // Those paid out of turn are still in the queue and leave it here, so each passes once.
        while (_order.Peek() is var oldest && oldest != (stage, microBatch))
        {
            if (_owed.Contains(oldest))
            {
                return StageAction.BackwardWeights(oldest.Stage, oldest.MicroBatch);
            }

            _order.Dequeue();
        }

        _order.Dequeue();
        return null;
    }
}
