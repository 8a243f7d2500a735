using System.Collections.Immutable;

namespace Actors.Schedules.Checking;

/// <summary>
/// Finds stages whose forwards are numbered as a whole from another micro-batch than their backwards, as PyTorch 2.11 writes the last rank
/// of its 1F1B. That one slip breaks rules all over the timetable, so it is reported once and the rest is checked as it is meant.
/// </summary>
internal static class ForwardNumbering
{
    /// <summary>
    /// Reports each such stage; the timetable with their forwards numbered as the backwards are, or itself where there is none.
    /// </summary>
    public static Timetable Mend(Timetable timetable, ImmutableArray<TimetableViolation>.Builder violations)
    {
        var forwards = new Numbers[timetable.Stages];
        var backwards = new Numbers[timetable.Stages];
        ForEachPart(timetable, (part, _, _) => Note(part, forwards, backwards));
        var isShifted = false;
        for (var stage = 0; stage < forwards.Length; stage++)
        {
            isShifted |= IsShifted(forwards[stage], backwards[stage]);
        }

        if (!isShifted)
        {
            return timetable;
        }

        var isReported = new bool[timetable.Stages];
        ForEachPart(timetable, (part, rank, position) =>
        {
            var stage = part.Stage;
            if (part.Kind == ActionKind.Forward && stage < isReported.Length && !isReported[stage]
                && IsShifted(forwards[stage], backwards[stage]))
            {
                isReported[stage] = true;
                violations.Add(new TimetableViolation(ScheduleRule.NumberedAlike, rank, position, part,
                    Explain(stage, forwards[stage], backwards[stage], isLast: stage == timetable.Stages - 1)));
            }
        });
        return Renumber(timetable, forwards, backwards);
    }

    private static void ForEachPart(Timetable timetable, Action<StageAction, int, int> read)
    {
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            var actions = timetable.ActionsOf(rank).AsSpan();
            for (var position = 0; position < actions.Length; position++)
            {
                if (actions[position].IsPair)
                {
                    read(actions[position].ForwardPart, rank, position);
                    read(actions[position].BackwardPart, rank, position);
                }
                else
                {
                    read(actions[position], rank, position);
                }
            }
        }
    }

    private static void Note(in StageAction part, Numbers[] forwards, Numbers[] backwards)
    {
        if (part.Stage >= forwards.Length)
        {
            return;
        }

        if (part.Kind == ActionKind.Forward)
        {
            forwards[part.Stage].Add(part.MicroBatch);
        }
        else if (part.Kind is ActionKind.Backward or ActionKind.BackwardInput)
        {
            backwards[part.Stage].Add(part.MicroBatch);
        }
    }

    private static bool IsShifted(in Numbers forwards, in Numbers backwards)
        => forwards.AreConsecutive && backwards.AreConsecutive && forwards.Count == backwards.Count && forwards.First != backwards.First;

    private static string Explain(int stage, in Numbers forwards, in Numbers backwards, bool isLast)
    {
        var source = isLast && forwards.First == 1 && backwards.First == 0 ? " (PyTorch 2.11 writes the last rank of its 1F1B so)" : "";
        return $"begins the forwards of stage {stage}, which are numbered {forwards.First} to {forwards.Last}, but its backwards are "
            + $"numbered {backwards.First} to {backwards.Last}: number both alike{source}";
    }

    private static Timetable Renumber(Timetable timetable, Numbers[] forwards, Numbers[] backwards)
    {
        var lists = ImmutableArray.CreateBuilder<ImmutableArray<StageAction>>(timetable.Ranks);
        var (last, lastMended) = (-1, -1);
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            var list = timetable.ActionsOf(rank).ToArray();
            foreach (ref var action in list.AsSpan())
            {
                last = Math.Max(last, LastMicroBatch(action));
                action = Renumber(action, forwards, backwards);
                lastMended = Math.Max(lastMended, LastMicroBatch(action));
            }

            lists.Add([.. list]);
        }

        var microBatches = last + 1 == timetable.MicroBatches ? lastMended + 1 : timetable.MicroBatches;
        return new Timetable(
            timetable.Schedule, WithMicroBatches(timetable.Placement, microBatches), lists.MoveToImmutable(), timetable.ForwardOnly);
    }

    private static StageAction Renumber(in StageAction action, Numbers[] forwards, Numbers[] backwards)
    {
        if (action.Kind is not (ActionKind.Forward or ActionKind.Pair) || action.Stage >= forwards.Length
            || !IsShifted(forwards[action.Stage], backwards[action.Stage]))
        {
            return action;
        }

        var microBatch = action.MicroBatch - forwards[action.Stage].First + backwards[action.Stage].First;
        return action.IsPair
            ? StageAction.Pair(action.Stage, microBatch, action.BackwardPart.Stage, action.BackwardPart.MicroBatch)
            : StageAction.Forward(action.Stage, microBatch);
    }

    private static int LastMicroBatch(in StageAction action)
        => action.IsPair ? Math.Max(action.MicroBatch, action.BackwardPart.MicroBatch) : action.MicroBatch;

    // The number after the last one exists only through the slip; without it no micro-batch of that number is missing anywhere.
    private static Placement WithMicroBatches(Placement placement, int microBatches)
        => microBatches == placement.MicroBatches
            ? placement
            : new Placement(
                placement.Ranks,
                [.. Enumerable.Range(0, placement.Directions).Select(placement.RanksOfDirection)],
                placement.DirectionOfMicroBatch[..microBatches]);

    private struct Numbers
    {
        public int First;
        public int Last;
        public int Count;

        public readonly bool AreConsecutive => Count > 0 && (long)Last - First + 1 == Count;

        public void Add(int number)
        {
            First = Count == 0 ? number : Math.Min(First, number);
            Last = Count == 0 ? number : Math.Max(Last, number);
            Count++;
        }
    }
}
