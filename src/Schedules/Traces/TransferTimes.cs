namespace Actors.Schedules.Traces;

/// <summary>
/// Estimates how long results are under way: where a rank had nothing to do when another computed what it waited for, the time from that
/// to its next action's start.
/// </summary>
internal static class TransferTimes
{
    /// <summary>The median in milliseconds; 0 where no rank waited for another.</summary>
    /// <param name="actions">Those of one or more steps, sorted by step, group, rank and position.</param>
    /// <param name="stages">Number of stages.</param>
    public static double MedianOf(List<MeasuredAction> actions, int stages)
    {
        var produced = new Dictionary<(int Step, (int, int) Group, bool IsBackward, int Stage, int MicroBatch), (double At, int Rank)>();
        foreach (var measured in actions)
        {
            foreach (var part in PartsOf(measured.Action))
            {
                if (part.Kind != ActionKind.BackwardWeights)
                {
                    produced[(measured.Step, measured.Group, part.Kind != ActionKind.Forward, part.Stage, part.MicroBatch)]
                        = (measured.End, measured.Rank);
                }
            }
        }

        var times = new List<double>();
        for (var i = 0; i < actions.Count; i++)
        {
            var measured = actions[i];
            var isFirst = i == 0 || (actions[i - 1].Step, actions[i - 1].Group, actions[i - 1].Rank) != (measured.Step, measured.Group, measured.Rank);
            var freeAt = isFirst ? double.NegativeInfinity : actions[i - 1].End;
            var last = double.NegativeInfinity;
            foreach (var part in PartsOf(measured.Action))
            {
                var (isBackward, from) = part.Kind == ActionKind.Forward ? (false, part.Stage - 1) : (true, part.Stage + 1);
                if (part.Kind != ActionKind.BackwardWeights && from >= 0 && from < stages
                    && produced.TryGetValue((measured.Step, measured.Group, isBackward, from, part.MicroBatch), out var source)
                    && source.Rank != measured.Rank)
                {
                    last = Math.Max(last, source.At);
                }
            }

            if (double.IsFinite(last) && last >= freeAt)
            {
                times.Add(Math.Max(0, measured.Start - last));
            }
        }

        return Median.Of(times) ?? 0;
    }

    private static StageAction[] PartsOf(in StageAction action) => action.IsPair ? [action.ForwardPart, action.BackwardPart] : [action];
}
