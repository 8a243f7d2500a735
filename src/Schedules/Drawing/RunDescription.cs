using System.Globalization;
using System.Text;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Drawing;

/// <summary>A simulated run in two lines.</summary>
internal static class RunDescription
{
    /// <summary>The schedule and its size.</summary>
    public static string Title(Timetable timetable)
        => string.Create(CultureInfo.InvariantCulture,
            $"{timetable.Schedule}: {timetable.Ranks} ranks, {timetable.MicroBatches} micro-batches");

    /// <summary>What it takes, and the costs of what is played.</summary>
    public static string Subtitle(SimulatedRun run, string unit)
    {
        var space = unit.Length > 0 ? " " : "";
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"step time {run.StepTime:0.###}{space}{unit}, bubble {100 * run.BubbleFraction:0.0}%; ");
        if (run.Costs.IsUniform)
        {
            AppendCosts(text, run);
        }
        else
        {
            text.Append("stages differ in cost");
        }

        if (!run.Costs.IsSendingFree)
        {
            text.Append(", sending takes time");
        }

        return text.ToString();
    }

    private static void AppendCosts(StringBuilder text, SimulatedRun run)
    {
        var separator = "";
        foreach (var kind in Enum.GetValues<ActionKind>())
        {
            if (Plays(run.Timetable, kind))
            {
                var name = kind == ActionKind.Pair ? "F&B" : StageActionText.LetterOf(kind).ToString();
                text.Append(CultureInfo.InvariantCulture, $"{separator}{name} {run.Costs.OfStage(0).Of(kind):0.###}");
                separator = ", ";
            }
        }
    }

    private static bool Plays(Timetable timetable, ActionKind kind)
    {
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            foreach (ref readonly var action in timetable.ActionsOf(rank).AsSpan())
            {
                if (action.Kind == kind)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
