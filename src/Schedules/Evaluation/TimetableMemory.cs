using System.Collections.Immutable;

namespace Actors.Schedules.Evaluation;

/// <summary>
/// Counts the memory that a timetable needs. What a rank holds depends only on the order of its list, not on times. Inputs that arrived
/// before their forward began are not counted. Linear in actions.
/// </summary>
public static class TimetableMemory
{
    /// <summary>The memory of each rank: [ranks]. A forward-only timetable holds no activations.</summary>
    /// <param name="timetable">A timetable that the checker finds valid.</param>
    /// <param name="costs">What chunks and stages take; null counts them.</param>
    /// <exception cref="ArgumentException">The costs are those of another number of stages.</exception>
    public static ImmutableArray<RankMemory> Of(Timetable timetable, MemoryCosts? costs = null)
    {
        ArgumentNullException.ThrowIfNull(timetable);
        costs ??= MemoryCosts.Counted;
        RequireStages(costs.Activations.Length, timetable.Stages);
        RequireStages(costs.Parameters.Length, timetable.Stages);
        var ranks = ImmutableArray.CreateBuilder<RankMemory>(timetable.Ranks);
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            var held = timetable.ForwardOnly ? default : Peak(timetable.ActionsOf(rank).AsSpan(), costs);
            var stages = timetable.Placement.StagesOf(rank);
            var parameters = 0.0;
            foreach (var stage in stages)
            {
                parameters += costs.ParametersOf(stage);
            }

            ranks.Add(new RankMemory(held.PeakChunks, held.PeakMemory, stages.Length, parameters));
        }

        return ranks.MoveToImmutable();
    }

    private static void RequireStages(int given, int stages)
    {
        if (given != 1 && given != stages)
        {
            throw new ArgumentException($"the timetable has {stages} stages, and memory of {given} is given: give as many");
        }
    }

    private static Held Peak(ReadOnlySpan<StageAction> actions, MemoryCosts costs)
    {
        var held = default(Held);
        foreach (ref readonly var action in actions)
        {
            if (action.IsPair)
            {
                held.Play(action.ForwardPart, costs);
                held.Play(action.BackwardPart, costs);
            }
            else
            {
                held.Play(action, costs);
            }
        }

        return held;
    }

    private struct Held
    {
        private int _chunks;
        private double _memory;

        public int PeakChunks { get; private set; }

        public double PeakMemory { get; private set; }

        public void Play(in StageAction part, MemoryCosts costs)
        {
            var memory = costs.ActivationsOf(part.Stage);
            switch (part.Kind)
            {
                case ActionKind.Forward:
                    _chunks++;
                    _memory += memory;
                    PeakChunks = Math.Max(PeakChunks, _chunks);
                    PeakMemory = Math.Max(PeakMemory, _memory);
                    break;
                case ActionKind.BackwardInput:
                    _memory -= memory * (1 - costs.KeptForWeights);
                    break;
                case ActionKind.BackwardWeights:
                    _chunks--;
                    _memory -= memory * costs.KeptForWeights;
                    break;
                case ActionKind.Backward:
                    _chunks--;
                    _memory -= memory;
                    break;
            }
        }
    }
}
