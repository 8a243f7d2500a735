using Actors.Schedules.Communication;

namespace Actors.Schedules.Timing;

/// <summary>
/// Event simulation: every rank plays its list in order, an action starts once its rank is free and its inputs have arrived, and takes
/// what its kind costs on its stage. Sending occupies the link between two ranks and no rank's time. Linear in actions.
/// </summary>
public static class TimetableSimulator
{
    /// <summary>Plays a timetable under costs.</summary>
    /// <param name="timetable">What is played.</param>
    /// <param name="costs">What it costs; <see cref="ActionCosts"/> do where all stages cost the same.</param>
    /// <exception cref="ArgumentException">The costs are those of another number of stages.</exception>
    /// <exception cref="InvalidOperationException">
    /// The timetable deadlocks or a chunk stands on a rank that does not hold it; <see cref="Checking.TimetableChecker"/> says why.
    /// </exception>
    public static SimulatedRun Simulate(Timetable timetable, StepCosts costs)
    {
        ArgumentNullException.ThrowIfNull(costs);
        timetable = CommunicationPass.Remove(timetable);
        if (costs.Stages.Length != 1 && costs.Stages.Length != timetable.Stages)
        {
            throw new ArgumentException($"the timetable has {timetable.Stages} stages, and there are costs of {costs.Stages.Length}: give as many");
        }

        ThrowIfMisplaced(timetable);
        var playback = Playback.Run(timetable, costs);
        playback.ThrowIfBlocked();
        return new SimulatedRun(timetable, costs, playback);
    }

    private static void ThrowIfMisplaced(Timetable timetable)
    {
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            foreach (ref readonly var action in timetable.ActionsOf(rank).AsSpan())
            {
                var isPlaced = IsPlaced(timetable, rank, action.Stage, action.MicroBatch)
                    && (!action.IsPair || IsPlaced(timetable, rank, action.BackwardPart.Stage, action.BackwardPart.MicroBatch));
                if (!isPlaced)
                {
                    throw new InvalidOperationException(
                        $"The timetable cannot be played: rank {rank} does not hold a chunk of {action}. TimetableChecker says why.");
                }
            }
        }
    }

    private static bool IsPlaced(Timetable timetable, int rank, int stage, int microBatch)
        => stage < timetable.Stages && microBatch < timetable.MicroBatches && timetable.Placement.RankOf(stage, microBatch) == rank;
}
