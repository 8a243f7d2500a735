namespace Actors.Schedules.Timing;

/// <summary>
/// What has been computed of each chunk: its forward's output and its backward's input gradient, with the time and rank of each. A result
/// is named by a slot; a rank waits for one slot at a time.
/// </summary>
internal sealed class ChunkTable(int stages, int microBatches)
{
    /// <summary>No result: an action that needs none, or a chunk that the timetable does not have.</summary>
    public const int None = -1;

    private readonly double[] _doneAt = Unfinished(2 * stages * microBatches);
    private readonly int[] _doneBy = new int[2 * stages * microBatches];

    public int Slots => _doneAt.Length;

    public int ForwardSlot(int stage, int microBatch) => Has(stage, microBatch) ? 2 * (stage * microBatches + microBatch) : None;

    public int BackwardSlot(int stage, int microBatch) => Has(stage, microBatch) ? 2 * (stage * microBatches + microBatch) + 1 : None;

    public bool IsBackward(int slot) => slot % 2 == 1;

    public (int Stage, int MicroBatch) ChunkOf(int slot) => Math.DivRem(slot / 2, microBatches);

    public void Finish(int slot, double at, int rank)
    {
        if (slot != None && double.IsNaN(_doneAt[slot]))
        {
            _doneAt[slot] = at;
            _doneBy[slot] = rank;
        }
    }

    /// <summary>
    /// Moves <paramref name="readyAt"/> on to when all that an action needs is at its rank; the first slot that is not there yet, or
    /// <see cref="None"/>.
    /// </summary>
    public int FirstMissing(in StageAction action, int rank, double latency, ref double readyAt)
    {
        switch (action.Kind)
        {
            case ActionKind.Forward:
                return Await(ForwardSlot(action.Stage - 1, action.MicroBatch), rank, latency, ref readyAt);
            case ActionKind.BackwardWeights:
                return Await(BackwardSlot(action.Stage, action.MicroBatch), rank, latency, ref readyAt);
            case ActionKind.Pair:
                var missing = FirstMissing(action.ForwardPart, rank, latency, ref readyAt);
                return missing != None ? missing : FirstMissing(action.BackwardPart, rank, latency, ref readyAt);
            default:
                var own = Await(ForwardSlot(action.Stage, action.MicroBatch), rank, latency, ref readyAt);
                return own != None ? own : Await(BackwardSlot(action.Stage + 1, action.MicroBatch), rank, latency, ref readyAt);
        }
    }

    private static double[] Unfinished(int count)
    {
        var times = new double[count];
        Array.Fill(times, double.NaN);
        return times;
    }

    private bool Has(int stage, int microBatch) => (uint)stage < (uint)stages && (uint)microBatch < (uint)microBatches;

    private int Await(int slot, int rank, double latency, ref double readyAt)
    {
        if (slot == None)
        {
            return None;
        }

        var doneAt = _doneAt[slot];
        if (double.IsNaN(doneAt))
        {
            return slot;
        }

        readyAt = Math.Max(readyAt, _doneBy[slot] == rank ? doneAt : doneAt + latency);
        return None;
    }
}
