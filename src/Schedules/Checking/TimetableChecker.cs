using Actors.Schedules.Timing;

namespace Actors.Schedules.Checking;

/// <summary>
/// Proves a timetable: every chunk has its forward and its backward once, on the rank that holds it; when the ranks play their lists in
/// order every action gets its inputs. Also counts the peak of activations and says in what order backwards for weights come. Linear in
/// actions.
/// </summary>
public static class TimetableChecker
{
    /// <summary>Checks a timetable against all rules.</summary>
    public static TimetableReport Check(Timetable timetable)
    {
        ArgumentNullException.ThrowIfNull(timetable);
        var inspection = new ChunkInspection(timetable);
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            inspection.ReadRank(rank);
        }

        inspection.FindMissing();
        WaitInspection.Add(timetable, Playback.Run(timetable, ActionCosts.Slots), inspection.Ledger, inspection.Violations);
        return new TimetableReport(
            inspection.Violations.ToImmutable(),
            inspection.PeakActivations.MoveToImmutable(),
            WeightOrderInspection.Find(timetable, inspection.Ledger));
    }
}
