using System.Collections.Immutable;

namespace Actors.Schedules.Checking;

/// <summary>The rules of where an action may stand at all, for computations, sends and receives alike.</summary>
internal sealed class PlaceInspection(Timetable timetable, ImmutableArray<TimetableViolation>.Builder violations)
{
    public bool IsInRange(in StageAction action) => action.Stage < timetable.Stages && action.MicroBatch < timetable.MicroBatches;

    /// <summary>Reports what is wrong with an action's place; whether it is in range, so that it can be looked up.</summary>
    public bool Read(StageAction action, int rank, int position)
    {
        var (stage, microBatch) = (action.Stage, action.MicroBatch);
        if (!IsInRange(action))
        {
            Report(ScheduleRule.InRange,
                $"is outside the timetable: stages go to {timetable.Stages - 1}, micro-batches to {timetable.MicroBatches - 1}");
            return false;
        }

        if (timetable.Placement.RankOf(stage, microBatch) is var holder && holder != rank)
        {
            Report(ScheduleRule.HeldByRank, $"belongs to rank {holder}, which holds stage {stage} for micro-batch {microBatch}");
        }

        if (timetable.ForwardOnly
            && action.Kind is not (ActionKind.Forward or ActionKind.SendForward or ActionKind.ReceiveForward))
        {
            Report(ScheduleRule.ForwardOnly, "is a backward in a forward-only timetable");
        }

        return true;

        void Report(ScheduleRule rule, string message) => violations.Add(new TimetableViolation(rule, rank, position, action, message));
    }
}
