namespace Actors.Schedules.Timing;

/// <summary>
/// Plays a timetable: every rank its list in order, an action as soon as the rank is free and its inputs are there. As the order on a rank
/// is fixed, and with it the order of its transfers, times do not depend on the order in which ranks are looked at; each action is looked
/// at once or twice, so this is linear.
/// </summary>
internal sealed class Playback
{
    private readonly Timetable _timetable;
    private readonly StepCosts _costs;
    private readonly bool _isSendingFree;
    private readonly int[] _played;
    private readonly int[] _firstWaiter;
    private readonly int[] _nextWaiter;
    private readonly Stack<int> _runnable = new();

    private Playback(Timetable timetable, StepCosts costs)
    {
        _timetable = timetable;
        _costs = costs;
        _isSendingFree = costs.IsSendingFree;
        Chunks = new ChunkTable(timetable.Stages, timetable.MicroBatches);
        Transfers = new Transfers(costs, Chunks);
        _played = new int[timetable.Ranks];
        _nextWaiter = new int[timetable.Ranks];
        _firstWaiter = new int[Chunks.Slots];
        Array.Fill(_firstWaiter, -1);
        WaitsFor = new int[timetable.Ranks];
        Busy = new double[timetable.Ranks];
        Waits = new double[timetable.Ranks];
        Exposed = new double[timetable.Ranks];
        Starts = new double[timetable.Ranks][];
        Ends = new double[timetable.Ranks][];
        for (var rank = timetable.Ranks - 1; rank >= 0; rank--)
        {
            Starts[rank] = new double[timetable.ActionsOf(rank).Length];
            Ends[rank] = new double[timetable.ActionsOf(rank).Length];
            _runnable.Push(rank);
        }
    }

    /// <summary>Start times: [ranks][actions]; valid for the played actions.</summary>
    public double[][] Starts { get; }

    /// <summary>End times: [ranks][actions]; valid for the played actions.</summary>
    public double[][] Ends { get; }

    /// <summary>Per rank, the time in which it computed.</summary>
    public double[] Busy { get; }

    /// <summary>Per rank, the time in which it waited between two actions.</summary>
    public double[] Waits { get; }

    /// <summary>Per rank, the time in which it waited while all inputs were computed and only under way.</summary>
    public double[] Exposed { get; }

    /// <summary>Per rank, the slot that it waits for at the end, or <see cref="ChunkTable.None"/>.</summary>
    public int[] WaitsFor { get; }

    public ChunkTable Chunks { get; }

    public Transfers Transfers { get; }

    /// <summary>
    /// Plays as far as it goes. Where sending takes time, each chunk must stand on the rank that the placement names, since that is where
    /// its inputs are sent.
    /// </summary>
    public static Playback Run(Timetable timetable, StepCosts costs)
    {
        ArgumentNullException.ThrowIfNull(timetable);
        var playback = new Playback(timetable, costs);
        while (playback._runnable.TryPop(out var rank))
        {
            playback.PlayUntilBlocked(rank);
        }

        return playback;
    }

    /// <summary>Number of actions that a rank played before it was through or blocked for good.</summary>
    public int PlayedBy(int rank) => _played[rank];

    public bool IsBlocked(int rank) => _played[rank] < _timetable.ActionsOf(rank).Length;

    public void ThrowIfBlocked()
    {
        for (var rank = 0; rank < _timetable.Ranks; rank++)
        {
            if (IsBlocked(rank))
            {
                throw new InvalidOperationException(
                    $"The timetable cannot be played to its end: rank {rank} never gets past {_timetable.ActionsOf(rank)[_played[rank]]} "
                    + $"at position {_played[rank]}. TimetableChecker says why.");
            }
        }
    }

    private void PlayUntilBlocked(int rank)
    {
        var actions = _timetable.ActionsOf(rank).AsSpan();
        while (_played[rank] < actions.Length)
        {
            ref readonly var action = ref actions[_played[rank]];
            var freeAt = _played[rank] == 0 ? 0 : Ends[rank][_played[rank] - 1];
            var inputs = new InputTimes(freeAt);
            var missing = Chunks.FirstMissing(action, rank, ref inputs);
            WaitsFor[rank] = missing;
            if (missing != ChunkTable.None)
            {
                _nextWaiter[rank] = _firstWaiter[missing];
                _firstWaiter[missing] = rank;
                return;
            }

            Play(action, rank, freeAt, inputs);
        }
    }

    private void Play(in StageAction action, int rank, double freeAt, in InputTimes inputs)
    {
        var position = _played[rank]++;
        var cost = _costs.Of(action);
        var end = inputs.ArrivedAt + cost;
        Starts[rank][position] = inputs.ArrivedAt;
        Ends[rank][position] = end;
        Busy[rank] += cost;
        Waits[rank] += position == 0 ? 0 : inputs.ArrivedAt - freeAt;
        Exposed[rank] += inputs.ArrivedAt - inputs.ProducedAt;
        if (action.IsPair)
        {
            Finish(action.ForwardPart, end, rank, position);
            Finish(action.BackwardPart, end, rank, position);
        }
        else
        {
            Finish(action, end, rank, position);
        }
    }

    private void Finish(in StageAction part, double end, int rank, int position)
    {
        var slot = part.Kind switch
        {
            ActionKind.Forward => Chunks.ForwardSlot(part.Stage, part.MicroBatch),
            ActionKind.BackwardWeights => ChunkTable.None,
            _ => Chunks.BackwardSlot(part.Stage, part.MicroBatch),
        };
        if (slot == ChunkTable.None || Chunks.IsFinished(slot))
        {
            return;
        }

        Chunks.Finish(slot, end, _isSendingFree ? end : Send(slot, part, end, rank), rank, position);
        for (var waiter = _firstWaiter[slot]; waiter >= 0; waiter = _nextWaiter[waiter])
        {
            _runnable.Push(waiter);
        }

        _firstWaiter[slot] = -1;
    }

    /// <summary>Sends a result to the rank that has the chunk's next stage, where that is another; when it is there.</summary>
    private double Send(int slot, in StageAction part, double end, int rank)
    {
        var next = part.Kind == ActionKind.Forward ? part.Stage + 1 : part.Stage - 1;
        if (next < 0 || next >= _timetable.Stages)
        {
            return end;
        }

        var receiver = _timetable.Placement.RankOf(next, part.MicroBatch);
        return receiver == rank ? end : Transfers.Send(slot, end, rank, receiver);
    }
}
