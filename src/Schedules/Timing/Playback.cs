namespace Actors.Schedules.Timing;

/// <summary>
/// Plays a timetable: every rank its list in order, an action as soon as the rank is free and its inputs are there. As the order on a rank
/// is fixed, times do not depend on the order in which ranks are looked at; each action is looked at once or twice, so this is linear.
/// </summary>
internal sealed class Playback
{
    private readonly Timetable _timetable;
    private readonly ActionCosts _costs;
    private readonly ChunkTable _chunks;
    private readonly int[] _played;
    private readonly int[] _firstWaiter;
    private readonly int[] _nextWaiter;
    private readonly Stack<int> _runnable = new();

    private Playback(Timetable timetable, in ActionCosts costs)
    {
        _timetable = timetable;
        _costs = costs;
        _chunks = new ChunkTable(timetable.Stages, timetable.MicroBatches);
        _played = new int[timetable.Ranks];
        _nextWaiter = new int[timetable.Ranks];
        _firstWaiter = new int[_chunks.Slots];
        Array.Fill(_firstWaiter, -1);
        WaitsFor = new int[timetable.Ranks];
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

    /// <summary>Per rank, the slot that it waits for at the end, or <see cref="ChunkTable.None"/>.</summary>
    public int[] WaitsFor { get; }

    public ChunkTable Chunks => _chunks;

    public static Playback Run(Timetable timetable, in ActionCosts costs)
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
            var start = _played[rank] == 0 ? 0 : Ends[rank][_played[rank] - 1];
            var missing = _chunks.FirstMissing(action, rank, _costs.SendLatency, ref start);
            WaitsFor[rank] = missing;
            if (missing != ChunkTable.None)
            {
                _nextWaiter[rank] = _firstWaiter[missing];
                _firstWaiter[missing] = rank;
                return;
            }

            var end = start + _costs.Of(action.Kind);
            Starts[rank][_played[rank]] = start;
            Ends[rank][_played[rank]] = end;
            _played[rank]++;
            Finish(action, end, rank);
        }
    }

    private void Finish(in StageAction action, double end, int rank)
    {
        switch (action.Kind)
        {
            case ActionKind.Forward:
                Finish(_chunks.ForwardSlot(action.Stage, action.MicroBatch), end, rank);
                break;
            case ActionKind.BackwardInput or ActionKind.Backward:
                Finish(_chunks.BackwardSlot(action.Stage, action.MicroBatch), end, rank);
                break;
            case ActionKind.Pair:
                Finish(action.ForwardPart, end, rank);
                Finish(action.BackwardPart, end, rank);
                break;
        }
    }

    private void Finish(int slot, double end, int rank)
    {
        if (slot == ChunkTable.None)
        {
            return;
        }

        _chunks.Finish(slot, end, rank);
        for (var waiter = _firstWaiter[slot]; waiter >= 0; waiter = _nextWaiter[waiter])
        {
            _runnable.Push(waiter);
        }

        _firstWaiter[slot] = -1;
    }
}
