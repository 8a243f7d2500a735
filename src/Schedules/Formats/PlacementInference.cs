using System.Collections.Immutable;

namespace Actors.Schedules.Formats;

/// <summary>
/// Finds the placement of a timetable that states none: where each micro-batch passes each stage. Micro-batches with the same way share a
/// direction. A way that differs from a commoner one in half of its stages or fewer is taken for a mistake in that one, so that the
/// checker can name the action that stands on the wrong rank. Only computations say where a chunk is.
/// </summary>
internal static class PlacementInference
{
    private const int Unknown = -1;

    // Published schedules have two directions, or up to as many as ranks. A garbled text must not have as many as micro-batches.
    private const int MaxDirections = 256;

    public static (Placement Placement, bool ForwardOnly) Infer(
        ImmutableArray<ImmutableArray<StageAction>> actions, int stages, int microBatches)
    {
        var ways = new int[microBatches][];
        for (var microBatch = 0; microBatch < microBatches; microBatch++)
        {
            ways[microBatch] = new int[stages];
            Array.Fill(ways[microBatch], Unknown);
        }

        var hasBackward = ReadWays(actions, ways);
        var directions = ChooseDirections(ways);
        var directionOfMicroBatch = new int[microBatches];
        for (var microBatch = 0; microBatch < microBatches; microBatch++)
        {
            directionOfMicroBatch[microBatch] = Nearest(ways[microBatch], directions);
        }

        OrderByFirstUse(directions, directionOfMicroBatch);
        FillUnknown(directions, actions.Length);
        var maps = directions.Select(way => way.ToImmutableArray()).ToImmutableArray();
        return (new Placement(actions.Length, maps, [.. directionOfMicroBatch]), !hasBackward);
    }

    // A forward says where a chunk is; backwards only fill what no forward says.
    private static bool ReadWays(ImmutableArray<ImmutableArray<StageAction>> actions, int[][] ways)
    {
        var hasBackward = false;
        for (var pass = 0; pass < 2; pass++)
        {
            for (var rank = 0; rank < actions.Length; rank++)
            {
                foreach (var action in actions[rank])
                {
                    if (action.IsCommunication)
                    {
                        continue;
                    }

                    var isForward = action.Kind is ActionKind.Forward or ActionKind.Pair;
                    if (isForward == (pass == 0))
                    {
                        Mark(ways, action.Stage, action.MicroBatch, rank);
                    }

                    if (pass == 1 && action.IsPair)
                    {
                        Mark(ways, action.BackwardPart.Stage, action.BackwardPart.MicroBatch, rank);
                    }

                    hasBackward |= action.Kind != ActionKind.Forward;
                }
            }
        }

        return hasBackward;
    }

    private static void Mark(int[][] ways, int stage, int microBatch, int rank)
    {
        if (ways[microBatch][stage] == Unknown)
        {
            ways[microBatch][stage] = rank;
        }
    }

    private static List<int[]> ChooseDirections(int[][] ways)
    {
        var uses = new Dictionary<int[], int>(WayComparer.Instance);
        foreach (var way in ways)
        {
            uses[way] = uses.GetValueOrDefault(way) + 1;
        }

        var directions = new List<int[]>();
        foreach (var (way, _) in uses.OrderBy(use => use.Key.Count(rank => rank == Unknown)).ThenByDescending(use => use.Value))
        {
            if (directions.Count == 0 || directions.Count < MaxDirections && IsItsOwn(way, directions[Nearest(way, directions)]))
            {
                directions.Add([.. way]);
            }
        }

        return directions;
    }

    private static bool IsItsOwn(int[] way, int[] nearest)
    {
        var known = way.Count(rank => rank != Unknown);
        return 2 * Differences(way, nearest) > known;
    }

    private static int Nearest(int[] way, List<int[]> directions)
    {
        var nearest = 0;
        var fewest = int.MaxValue;
        for (var direction = 0; direction < directions.Count; direction++)
        {
            var differences = Differences(way, directions[direction]);
            if (differences < fewest)
            {
                (nearest, fewest) = (direction, differences);
            }
        }

        return nearest;
    }

    private static int Differences(int[] way, int[] other)
    {
        var count = 0;
        for (var stage = 0; stage < way.Length; stage++)
        {
            count += way[stage] != Unknown && way[stage] != other[stage] ? 1 : 0;
        }

        return count;
    }

    private static void OrderByFirstUse(List<int[]> directions, int[] directionOfMicroBatch)
    {
        var newNumber = new Dictionary<int, int>();
        var ordered = new List<int[]>();
        for (var microBatch = 0; microBatch < directionOfMicroBatch.Length; microBatch++)
        {
            var old = directionOfMicroBatch[microBatch];
            if (!newNumber.TryGetValue(old, out var number))
            {
                number = ordered.Count;
                newNumber.Add(old, number);
                ordered.Add(directions[old]);
            }

            directionOfMicroBatch[microBatch] = number;
        }

        directions.Clear();
        directions.AddRange(ordered);
    }

    // A stage that no rank plays in a direction is missing from the timetable; some rank has to stand for it.
    private static void FillUnknown(List<int[]> directions, int ranks)
    {
        foreach (var way in directions)
        {
            for (var stage = 0; stage < way.Length; stage++)
            {
                way[stage] = way[stage] == Unknown ? Math.Min(stage, ranks - 1) : way[stage];
            }
        }
    }

    private sealed class WayComparer : IEqualityComparer<int[]>
    {
        public static WayComparer Instance { get; } = new();

        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] way)
        {
            var hash = new HashCode();
            foreach (var rank in way)
            {
                hash.Add(rank);
            }

            return hash.ToHashCode();
        }
    }
}
