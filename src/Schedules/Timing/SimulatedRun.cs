namespace Actors.Schedules.Timing;

/// <summary>A timetable with times. All times are in the unit of the costs, from the step's start.</summary>
public sealed class SimulatedRun
{
    private readonly Playback _playback;

    internal SimulatedRun(Timetable timetable, StepCosts costs, Playback playback)
    {
        Timetable = timetable;
        Costs = costs;
        _playback = playback;
        foreach (var ends in playback.Ends)
        {
            StepTime = ends.Length == 0 ? StepTime : Math.Max(StepTime, ends[^1]);
        }
    }

    /// <summary>What was played.</summary>
    public Timetable Timetable { get; }

    /// <summary>The costs that were used.</summary>
    public StepCosts Costs { get; }

    /// <summary>Time from the step's start to the end of the last action on any rank.</summary>
    public double StepTime { get; }

    /// <summary>Share of all ranks' time that is bubble, 0 to 1.</summary>
    public double BubbleFraction => ShareOf(BubbleOf);

    /// <summary>Share of all ranks' time that is exposed communication, 0 to 1; a part of the bubble.</summary>
    public double ExposedCommunicationFraction => ShareOf(ExposedCommunicationOf);

    /// <summary>What was found while playing: results, where they were computed, and their transfers.</summary>
    internal Playback Playback => _playback;

    /// <summary>Time in which a rank computes.</summary>
    public double BusyOf(int rank) => _playback.Busy[rank];

    /// <summary>Time of the step in which a rank does not compute: <see cref="StepTime"/> − <see cref="BusyOf"/>.</summary>
    public double BubbleOf(int rank) => StepTime - _playback.Busy[rank];

    /// <summary>Where a rank's bubble lies.</summary>
    public BubbleParts BubblePartsOf(int rank)
    {
        var (starts, ends) = (_playback.Starts[rank], _playback.Ends[rank]);
        return ends.Length == 0
            ? new BubbleParts(StepTime, 0, 0)
            : new BubbleParts(starts[0], _playback.Waits[rank], StepTime - ends[^1]);
    }

    /// <summary>
    /// Time in which a rank waits only because something is under way: its inputs are computed, all of them, and at least one has not
    /// arrived. A part of the rank's bubble; 0 where sending takes nothing.
    /// </summary>
    public double ExposedCommunicationOf(int rank) => _playback.Exposed[rank];

    /// <summary>Start of the action at a position of a rank's list.</summary>
    public double StartOf(int rank, int position) => _playback.Starts[rank][position];

    /// <summary>End of the action at a position of a rank's list.</summary>
    public double EndOf(int rank, int position) => _playback.Ends[rank][position];

    /// <summary>Finds a chain of actions and transfers that explains the step time, each beginning when the one before it ends.</summary>
    public CriticalPath FindCriticalPath() => CriticalPathFinder.Find(Timetable, _playback, StepTime);

    /// <summary>All actions with their times, rank by rank in the order of play.</summary>
    public IReadOnlyList<TimedAction> ToTimedActions()
    {
        var timed = new List<TimedAction>(Timetable.ActionCount);
        for (var rank = 0; rank < Timetable.Ranks; rank++)
        {
            var actions = Timetable.ActionsOf(rank);
            for (var position = 0; position < actions.Length; position++)
            {
                timed.Add(new TimedAction(rank, actions[position], StartOf(rank, position), EndOf(rank, position)));
            }
        }

        return timed;
    }

    private double ShareOf(Func<int, double> timeOf)
    {
        var sum = 0.0;
        for (var rank = 0; rank < Timetable.Ranks; rank++)
        {
            sum += timeOf(rank);
        }

        return StepTime == 0 ? 0 : sum / (StepTime * Timetable.Ranks);
    }
}
