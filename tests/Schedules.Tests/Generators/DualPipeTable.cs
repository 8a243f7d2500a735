namespace Actors.Schedules.Tests.Generators;

/// <summary>
/// DualPipe's steps as a table (from deepseek-ai/DualPipe), written out as shapes, independently of the generator: F0 is a forward of the
/// rank's phase 0, "F0&amp;B1" an overlapped pair, I a backward for input, W a backward for weights.
/// </summary>
internal static class DualPipeTable
{
    public static IReadOnlyList<(string Step, int Count, string[] Shapes)> StepsOf(int rank, int ranks, int microBatches)
    {
        var (h, m) = (ranks / 2, microBatches / 2);
        var k = Math.Min(rank, ranks - 1 - rank);
        return
        [
            ("F0", 2 * (h - k - 1), ["F0"]),
            ("F0 F1", k + 1, ["F0", "F1"]),
            ("I1 W F1", h - k - 1, ["I1", "W", "F1"]),
            ("F0&B1, F1&B0", m - ranks + k + 1, ["F0&B1", "F1&B0"]),
            ("B1, F1&B0", h - k - 1, ["B1", "F1&B0"]),
            ("B1 B0", k + 1, ["B1", "B0"]),
            ("W, I0", h - k - 1, ["W", "I0"]),
            ("W", k + 1, ["W"]),
        ];
    }

    public static IReadOnlyList<string> ShapesOf(int rank, int ranks, int microBatches)
    {
        var k = Math.Min(rank, ranks - 1 - rank);
        var shapes = new List<string>();
        foreach (var (step, count, pattern) in StepsOf(rank, ranks, microBatches))
        {
            for (var i = 0; i < count; i++)
            {
                foreach (var shape in pattern)
                {
                    shapes.AddRange(Refine(step, shape, i, k, isMiddle: k == ranks / 2 - 1));
                }
            }
        }

        return shapes;
    }

    private static string[] Refine(string step, string shape, int i, int k, bool isMiddle)
    {
        if (step == "F0&B1, F1&B0" && i == 0 && shape == "F0&B1" && isMiddle)
        {
            return ["F0", "B1"];
        }

        var zeroBubbleFrom = (k + 1) / 2;
        var isZeroBubble = step == "B1 B0" && (i > zeroBubbleFrom || (i == zeroBubbleFrom && (k % 2 == 1 || shape == "B0")));
        return [isZeroBubble ? shape.Replace('B', 'I') : shape];
    }

    public static string ShapeOf(StageAction action, int rank, int ranks)
    {
        var k = Math.Min(rank, ranks - 1 - rank);
        if (action.IsPair)
        {
            return $"F{Phase(action.Stage, k)}&B{Phase(action.BackwardPart.Stage, k)}";
        }

        return action.Kind == ActionKind.BackwardWeights ? "W" : $"{action.ToString().First(char.IsLetter)}{Phase(action.Stage, k)}";
    }

    // Phase 0 is the direction in which the rank is k steps from the entrance.
    private static int Phase(int stage, int k) => stage == k ? 0 : 1;
}
