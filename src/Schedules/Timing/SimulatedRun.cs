namespace Actors.Schedules.Timing;

/// <summary>A timetable with times. All times are in the unit of the costs, from the step's start.</summary>
public sealed class SimulatedRun
{
    private readonly double[][] _starts;
    private readonly double[][] _ends;
    private readonly double[] _busy;

    internal SimulatedRun(Timetable timetable, in ActionCosts costs, Playback playback)
    {
        Timetable = timetable;
        Costs = costs;
        _starts = playback.Starts;
        _ends = playback.Ends;
        _busy = new double[timetable.Ranks];
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            foreach (var action in timetable.ActionsOf(rank))
            {
                _busy[rank] += costs.Of(action.Kind);
            }

            StepTime = _ends[rank].Length == 0 ? StepTime : Math.Max(StepTime, _ends[rank][^1]);
        }
    }

    /// <summary>What was played.</summary>
    public Timetable Timetable { get; }

    /// <summary>The costs that were used.</summary>
    public ActionCosts Costs { get; }

    /// <summary>Time from the step's start to the end of the last action on any rank.</summary>
    public double StepTime { get; }

    /// <summary>Share of all ranks' time that is bubble, 0 to 1.</summary>
    public double BubbleFraction
    {
        get
        {
            var bubble = 0.0;
            for (var rank = 0; rank < _busy.Length; rank++)
            {
                bubble += BubbleOf(rank);
            }

            return StepTime == 0 ? 0 : bubble / (StepTime * _busy.Length);
        }
    }

    /// <summary>Time in which a rank computes.</summary>
    public double BusyOf(int rank) => _busy[rank];

    /// <summary>Time of the step in which a rank does not compute: <see cref="StepTime"/> − <see cref="BusyOf"/>.</summary>
    public double BubbleOf(int rank) => StepTime - _busy[rank];

    /// <summary>Start of the action at a position of a rank's list.</summary>
    public double StartOf(int rank, int position) => _starts[rank][position];

    /// <summary>End of the action at a position of a rank's list.</summary>
    public double EndOf(int rank, int position) => _ends[rank][position];

    /// <summary>All actions with their times, rank by rank in the order of play.</summary>
    public IReadOnlyList<TimedAction> ToTimedActions()
    {
        var timed = new List<TimedAction>(Timetable.ActionCount);
        for (var rank = 0; rank < Timetable.Ranks; rank++)
        {
            var actions = Timetable.ActionsOf(rank);
            for (var position = 0; position < actions.Length; position++)
            {
                timed.Add(new TimedAction(rank, actions[position], _starts[rank][position], _ends[rank][position]));
            }
        }

        return timed;
    }
}
