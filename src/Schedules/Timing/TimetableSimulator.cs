namespace Actors.Schedules.Timing;

/// <summary>
/// Event simulation: every rank plays its list in order, an action starts once its rank is free and its inputs have arrived, and takes
/// what its kind costs. Sending takes a latency and no rank's time. Linear in actions.
/// </summary>
public static class TimetableSimulator
{
    /// <summary>Plays a timetable under costs.</summary>
    /// <exception cref="InvalidOperationException">The timetable deadlocks; <see cref="Checking.TimetableChecker"/> says why.</exception>
    public static SimulatedRun Simulate(Timetable timetable, ActionCosts costs)
    {
        var playback = Playback.Run(timetable, costs);
        playback.ThrowIfBlocked();
        return new SimulatedRun(timetable, costs, playback);
    }
}
