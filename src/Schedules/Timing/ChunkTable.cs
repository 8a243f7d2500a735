namespace Actors.Schedules.Timing;

/// <summary>
/// What has been computed of each chunk: its forward's output and its backward's input gradient, with the time and place of each, and when
/// it is at the rank that is next. A result is named by a slot; a rank waits for one slot at a time.
/// </summary>
internal sealed class ChunkTable(int stages, int microBatches)
{
    /// <summary>No result: an action that needs none, or a chunk that the timetable does not have.</summary>
    public const int None = -1;

    private readonly Result[] _results = Unfinished(2 * stages * microBatches);

    public int Slots => _results.Length;

    public int ForwardSlot(int stage, int microBatch) => Has(stage, microBatch) ? 2 * (stage * microBatches + microBatch) : None;

    public int BackwardSlot(int stage, int microBatch) => Has(stage, microBatch) ? 2 * (stage * microBatches + microBatch) + 1 : None;

    public bool IsBackward(int slot) => slot % 2 == 1;

    public (int Stage, int MicroBatch) ChunkOf(int slot) => Math.DivRem(slot / 2, microBatches);

    public bool IsFinished(int slot) => !double.IsNaN(_results[slot].DoneAt);

    public double DoneAt(int slot) => _results[slot].DoneAt;

    /// <summary>Where a result was computed.</summary>
    public (int Rank, int Position) PlaceOf(int slot) => (_results[slot].Rank, _results[slot].Position);

    /// <summary>When a result can be used on a rank.</summary>
    public double ArrivedAt(int slot, int rank) => _results[slot].Rank == rank ? _results[slot].DoneAt : _results[slot].ArrivesAt;

    public void Finish(int slot, double at, double arrivesAt, int rank, int position)
        => _results[slot] = new Result(at, arrivesAt, rank, position);

    /// <summary>
    /// Adds the inputs of an action to <paramref name="times"/>; the first slot that is not there yet, or <see cref="None"/>.
    /// </summary>
    public int FirstMissing(in StageAction action, int rank, ref InputTimes times)
    {
        if (!action.IsPair)
        {
            return FirstMissingOfPart(action, rank, ref times);
        }

        var missing = FirstMissingOfPart(action.ForwardPart, rank, ref times);
        return missing != None ? missing : FirstMissingOfPart(action.BackwardPart, rank, ref times);
    }

    /// <summary>What a part of an action needs, at most two slots; <see cref="None"/> for nothing.</summary>
    public (int First, int Second) InputsOf(in StageAction part) => part.Kind switch
    {
        ActionKind.Forward => (ForwardSlot(part.Stage - 1, part.MicroBatch), None),
        ActionKind.BackwardWeights => (BackwardSlot(part.Stage, part.MicroBatch), None),
        _ => (ForwardSlot(part.Stage, part.MicroBatch), BackwardSlot(part.Stage + 1, part.MicroBatch)),
    };

    private static Result[] Unfinished(int count)
    {
        var results = new Result[count];
        Array.Fill(results, new Result(double.NaN, double.NaN, -1, -1));
        return results;
    }

    private int FirstMissingOfPart(in StageAction part, int rank, ref InputTimes times)
    {
        var (first, second) = InputsOf(part);
        return Await(first, rank, ref times) ? first : Await(second, rank, ref times) ? second : None;
    }

    private bool Has(int stage, int microBatch) => (uint)stage < (uint)stages && (uint)microBatch < (uint)microBatches;

    /// <summary>Whether a slot has to be waited for; where not, its times are added.</summary>
    private bool Await(int slot, int rank, ref InputTimes times)
    {
        if (slot == None)
        {
            return false;
        }

        ref readonly var result = ref _results[slot];
        if (double.IsNaN(result.DoneAt))
        {
            return true;
        }

        times.Add(result.DoneAt, result.Rank == rank ? result.DoneAt : result.ArrivesAt);
        return false;
    }

    private readonly record struct Result(double DoneAt, double ArrivesAt, int Rank, int Position);
}
