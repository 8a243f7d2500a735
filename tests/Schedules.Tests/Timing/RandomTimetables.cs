using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests.Timing;

/// <summary>
/// Timetables that no generator would make: stages on any ranks, one or two directions, and at each turn any action that can be played,
/// so that they never deadlock. Weights come in the order of their backwards for input.
/// </summary>
internal static class RandomTimetables
{
    public static Gen<Timetable> Timetable { get; } =
        from ranks in Gen.Choose(1, 6)
        from stages in Gen.Choose(1, 8)
        from microBatches in Gen.Choose(1, 10)
        from directions in Gen.Choose(1, 2)
        from seed in Gen.Choose(0, int.MaxValue)
        select Create(new Random(seed), ranks, stages, microBatches, directions);

    private static Timetable Create(Random random, int ranks, int stages, int microBatches, int directions)
    {
        var placement = new Placement(
            ranks,
            [.. Enumerable.Range(0, directions).Select(_ => Enumerable.Range(0, stages).Select(_ => random.Next(ranks)).ToImmutableArray())],
            [.. Enumerable.Range(0, microBatches).Select(_ => random.Next(directions))]);
        var lists = Enumerable.Range(0, ranks).Select(_ => new List<StageAction>()).ToArray();
        var owedWeights = lists.Select(_ => new Queue<StageAction>()).ToArray();
        var next = Enumerable.Range(0, microBatches).Select(m => StageAction.Forward(0, m)).ToList();
        while (next.Count > 0)
        {
            var chosen = Take(random, next);
            var rank = placement.RankOf(chosen.Stage, chosen.MicroBatch);
            var partner = next.FindIndex(other => MakePair(chosen, other) && placement.RankOf(other.Stage, other.MicroBatch) == rank);
            if (partner >= 0 && random.Next(2) == 0)
            {
                var backward = next[partner];
                next.RemoveAt(partner);
                lists[rank].Add(StageAction.Pair(chosen.Stage, chosen.MicroBatch, backward.Stage, backward.MicroBatch));
                next.AddRange(FollowersOf(chosen, stages, random).Concat(FollowersOf(backward, stages, random)));
            }
            else
            {
                // Weights stand for any owed by the rank; the oldest is played.
                lists[rank].Add(chosen.Kind == ActionKind.BackwardWeights ? owedWeights[rank].Dequeue() : chosen);
                next.AddRange(FollowersOf(chosen, stages, random));
            }

            if (chosen.Kind == ActionKind.BackwardInput)
            {
                owedWeights[rank].Enqueue(StageAction.BackwardWeights(chosen.Stage, chosen.MicroBatch));
            }
        }

        return new Timetable("random", placement, [.. lists.Select(list => list.ToImmutableArray())]);
    }

    private static bool MakePair(StageAction first, StageAction second)
        => first.Kind == ActionKind.Forward && second.Kind == ActionKind.Backward;

    private static StageAction Take(Random random, List<StageAction> next)
    {
        var index = random.Next(next.Count);
        var chosen = next[index];
        next.RemoveAt(index);
        return chosen;
    }

    // What can be played once an action has been: the next stage's part, and the weights after an I.
    private static IEnumerable<StageAction> FollowersOf(StageAction action, int stages, Random random)
    {
        var (stage, microBatch) = (action.Stage, action.MicroBatch);
        switch (action.Kind)
        {
            case ActionKind.Forward:
                yield return stage + 1 < stages ? StageAction.Forward(stage + 1, microBatch) : AnyBackward(stage, microBatch, random);
                break;
            case ActionKind.BackwardInput or ActionKind.Backward:
                if (stage > 0)
                {
                    yield return AnyBackward(stage - 1, microBatch, random);
                }

                if (action.Kind == ActionKind.BackwardInput)
                {
                    yield return StageAction.BackwardWeights(stage, microBatch);
                }

                break;
        }
    }

    private static StageAction AnyBackward(int stage, int microBatch, Random random)
        => random.Next(2) == 0 ? StageAction.Backward(stage, microBatch) : StageAction.BackwardInput(stage, microBatch);
}
