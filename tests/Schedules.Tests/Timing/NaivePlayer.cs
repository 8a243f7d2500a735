using Actors.Schedules.Timing;

namespace Actors.Schedules.Tests.Timing;

/// <summary>Plays a timetable in the plainest way, as the oracle: asks every rank again and again until nobody can go on.</summary>
internal static class NaivePlayer
{
    /// <summary>The end time of each rank, or null where the ranks get stuck.</summary>
    public static double[]? Play(Timetable timetable, ActionCosts costs)
    {
        var done = new Dictionary<(char What, int Stage, int MicroBatch), (double At, int Rank)>();
        var next = new int[timetable.Ranks];
        var time = new double[timetable.Ranks];
        for (var goesOn = true; goesOn;)
        {
            goesOn = false;
            for (var rank = 0; rank < timetable.Ranks; rank++)
            {
                if (next[rank] == timetable.ActionsOf(rank).Length)
                {
                    continue;
                }

                var action = timetable.ActionsOf(rank)[next[rank]];
                StageAction[] parts = action.IsPair ? [action.ForwardPart, action.BackwardPart] : [action];
                var needs = parts.SelectMany(part => NeedsOf(part, timetable.Stages)).ToList();
                if (!needs.All(done.ContainsKey))
                {
                    continue;
                }

                var arrivals = needs.Select(need => done[need].At + (done[need].Rank == rank ? 0 : costs.SendLatency));
                time[rank] = arrivals.Append(time[rank]).Max() + costs.Of(action.Kind);
                foreach (var part in parts.Where(part => part.Kind != ActionKind.BackwardWeights))
                {
                    done[(part.Kind == ActionKind.Forward ? 'F' : 'B', part.Stage, part.MicroBatch)] = (time[rank], rank);
                }

                next[rank]++;
                goesOn = true;
            }
        }

        return Enumerable.Range(0, timetable.Ranks).All(rank => next[rank] == timetable.ActionsOf(rank).Length) ? time : null;
    }

    private static IEnumerable<(char What, int Stage, int MicroBatch)> NeedsOf(StageAction action, int stages)
    {
        var (stage, microBatch) = (action.Stage, action.MicroBatch);
        switch (action.Kind)
        {
            case ActionKind.Forward:
                return stage == 0 ? [] : [('F', stage - 1, microBatch)];
            case ActionKind.BackwardWeights:
                return [('B', stage, microBatch)];
            default:
                return stage == stages - 1 ? [('F', stage, microBatch)] : [('F', stage, microBatch), ('B', stage + 1, microBatch)];
        }
    }
}
