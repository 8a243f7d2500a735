using System.Collections.Immutable;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Checking;

/// <summary>Says for each rank that a playback of the computations left blocked what it waits for and why that never comes.</summary>
internal static class WaitInspection
{
    public static void Add(
        Timetable timetable,
        Playback playback,
        ChunkLedger ledger,
        ImmutableArray<TimetableViolation>.Builder violations)
    {
        var blockedAt = new int[timetable.Ranks];
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            blockedAt[rank] = PositionOf(playback.PlayedBy(rank), timetable.ActionsOf(rank));
        }

        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            if (blockedAt[rank] < timetable.ActionsOf(rank).Length)
            {
                violations.Add(Explain(rank, blockedAt, timetable, playback, ledger));
            }
        }
    }

    // The playback counts computations only; the list may have sends and receives between them.
    private static int PositionOf(int computation, ImmutableArray<StageAction> actions)
    {
        var position = 0;
        for (; position < actions.Length; position++)
        {
            if (!actions[position].IsCommunication && computation-- == 0)
            {
                break;
            }
        }

        return position;
    }

    private static TimetableViolation Explain(int rank, int[] blockedAt, Timetable timetable, Playback playback, ChunkLedger ledger)
    {
        var position = blockedAt[rank];
        var action = timetable.ActionsOf(rank)[position];
        var slot = playback.WaitsFor[rank];
        var (stage, microBatch) = playback.Chunks.ChunkOf(slot);
        var awaited = playback.Chunks.IsBackward(slot)
            ? ledger.InputGradientOf(stage, microBatch)
            : StageAction.Forward(stage, microBatch);
        if (!ledger.Has(awaited.Kind, stage, microBatch))
        {
            return new TimetableViolation(ScheduleRule.AfterItsInputs, rank, position, action, $"waits for {awaited}, which no rank plays");
        }

        var (awaitedRank, awaitedPosition) = ledger.PlaceOf(awaited.Kind, stage, microBatch);
        return awaitedRank == rank
            ? new TimetableViolation(ScheduleRule.AfterItsInputs, rank, position, action,
                $"needs {awaited}, which comes only at position {awaitedPosition}")
            : new TimetableViolation(ScheduleRule.NoDeadlock, rank, position, action,
                $"waits for {awaited} at rank {awaitedRank} position {awaitedPosition}, but that rank waits at position "
                + $"{blockedAt[awaitedRank]} with {timetable.ActionsOf(awaitedRank)[blockedAt[awaitedRank]]}");
    }
}
