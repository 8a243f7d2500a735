using System.Collections.Immutable;
using Actors.Schedules.Communication;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Checking;

/// <summary>
/// Proves a timetable: every chunk has its forward and its backward once, on the rank that holds it; when the ranks play their lists in
/// order every action gets its inputs. Where it names its sends and receives, they match, in order, and never block each other. Also counts
/// the peak of activations and says in what order backwards for weights come. Linear in actions.
/// </summary>
public static class TimetableChecker
{
    /// <summary>Checks a timetable against all rules.</summary>
    /// <param name="timetable">With or without communication.</param>
    /// <param name="linkCapacity">
    /// How many sent results a link from one rank to another holds until they are received, for a timetable with communication: 0 for
    /// blocking links, where a send ends only when its receive is reached. What is right with one capacity is right with any larger one.
    /// </param>
    public static TimetableReport Check(Timetable timetable, int linkCapacity = 0)
    {
        ArgumentNullException.ThrowIfNull(timetable);
        ArgumentOutOfRangeException.ThrowIfNegative(linkCapacity);
        var violations = ImmutableArray.CreateBuilder<TimetableViolation>();
        timetable = ForwardNumbering.Mend(timetable, violations);
        var inspection = new ChunkInspection(timetable, violations);
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            inspection.ReadRank(rank);
        }

        inspection.FindMissing();
        var computations = CommunicationPass.Remove(timetable);
        WaitInspection.Add(timetable, Playback.Run(computations, ActionCosts.Slots), inspection.Ledger, violations);
        if (timetable.HasCommunication)
        {
            TransferInspection.Add(timetable, inspection.Ledger, linkCapacity, violations);
        }

        return new TimetableReport(
            violations.ToImmutable(),
            inspection.PeakActivations.MoveToImmutable(),
            WeightOrderInspection.Find(timetable, inspection.Ledger));
    }
}
