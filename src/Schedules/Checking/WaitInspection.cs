using System.Collections.Immutable;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Checking;

/// <summary>Says for each rank that a playback left blocked what it waits for and why that never comes.</summary>
internal static class WaitInspection
{
    public static void Add(
        Timetable timetable,
        Playback playback,
        ChunkLedger ledger,
        ImmutableArray<TimetableViolation>.Builder violations)
    {
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            if (playback.IsBlocked(rank))
            {
                violations.Add(Explain(rank, timetable, playback, ledger));
            }
        }
    }

    private static TimetableViolation Explain(int rank, Timetable timetable, Playback playback, ChunkLedger ledger)
    {
        var position = playback.PlayedBy(rank);
        var action = timetable.ActionsOf(rank)[position];
        var slot = playback.WaitsFor[rank];
        var (stage, microBatch) = playback.Chunks.ChunkOf(slot);
        var kind = !playback.Chunks.IsBackward(slot) ? ActionKind.Forward
            : ledger.Has(ActionKind.BackwardInput, stage, microBatch) ? ActionKind.BackwardInput
            : ActionKind.Backward;
        var awaited = kind switch
        {
            ActionKind.Forward => StageAction.Forward(stage, microBatch),
            ActionKind.BackwardInput => StageAction.BackwardInput(stage, microBatch),
            _ => StageAction.Backward(stage, microBatch),
        };
        if (!ledger.Has(kind, stage, microBatch))
        {
            return new TimetableViolation(ScheduleRule.AfterItsInputs, rank, position, action, $"waits for {awaited}, which no rank plays");
        }

        var (awaitedRank, awaitedPosition) = ledger.PlaceOf(kind, stage, microBatch);
        if (awaitedRank == rank)
        {
            return new TimetableViolation(ScheduleRule.AfterItsInputs, rank, position, action,
                $"needs {awaited}, which comes only at position {awaitedPosition}");
        }

        var blockedAt = playback.PlayedBy(awaitedRank);
        return new TimetableViolation(ScheduleRule.NoDeadlock, rank, position, action,
            $"waits for {awaited} at rank {awaitedRank} position {awaitedPosition}, but that rank waits at position {blockedAt} "
            + $"with {timetable.ActionsOf(awaitedRank)[blockedAt]}");
    }
}
