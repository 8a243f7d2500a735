using System.Globalization;
using System.Text;
using Actors.Cli.Progress;
using Actors.Schedules;
using Actors.Schedules.Drawing;
using Actors.Schedules.Evaluation;
using Actors.Schedules.Formulas;
using Actors.Schedules.Timing;

namespace Actors.Cli.Pages;

/// <summary>What a page shows of one schedule: its picture, its figures, its formulas and their source.</summary>
internal sealed class ScheduleSection
{
    private readonly ISchedule _schedule;
    private readonly ScheduleEvaluation _evaluation;
    private readonly StageCosts _costs;

    private ScheduleSection(ISchedule schedule, PipelineSize size)
    {
        _schedule = schedule;
        Timetable timetable = schedule.Create(size);
        double share = (double)timetable.Ranks / timetable.Stages;
        _costs = new StageCosts(share, share, share);
        _evaluation = ScheduleEvaluation.Of(timetable, new StepCosts(_costs));
        Picture = TimetableSvg.Draw(_evaluation.Run, new SvgOptions { Tooltips = false });
        Markdown = Write();
    }

    /// <summary>The section in Markdown, without a last line feed.</summary>
    public string Markdown { get; }

    /// <summary>The picture, an SVG.</summary>
    public string Picture { get; }

    /// <summary>
    /// That of a schedule at a size. F, I and W of a rank's share of the model take 1 each, so that a stage of a schedule that puts several
    /// on a rank takes its part of that.
    /// </summary>
    public static ScheduleSection Of(ISchedule schedule, PipelineSize size) => new(schedule, size);

    /// <summary>Where the page looks for a schedule's picture.</summary>
    public static string PictureFile(ISchedule schedule) => $"{SchedulesPage.PictureFolder}/{schedule.Name}.svg";

    private string Write()
    {
        Timetable timetable = _evaluation.Timetable;
        string file = PictureFile(_schedule);
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"[![Timetable of {_schedule.Name}: {timetable.Ranks} ranks, {timetable.MicroBatches} micro-batches]({file})]({file})\n\n| | |\n|---|---|\n");
        AppendRow(text, "needs", _schedule.Constraint);
        AppendRow(text, "step", $"{Quantity.Number(_evaluation.Run.StepTime)}, of which {Quantity.Percent(_evaluation.Run.BubbleFraction)} bubble");
        if (_evaluation.Formula is { } formula)
        {
            AppendFormulas(text, formula);
        }

        AppendRow(text, "draw it", $"`{Command()}`");
        return text.ToString().TrimEnd('\n');
    }

    private void AppendFormulas(StringBuilder text, ScheduleFormula formula)
    {
        string simulated = Quantity.Number(_evaluation.LargestBubble);
        string bubble = _evaluation.BubbleByFormula is { Accuracy: FormulaAccuracy.Exact }
            ? $"`{formula.BubbleText}`, here {simulated}"
            : $"`{formula.BubbleText}`, here {Quantity.Number(_evaluation.BubbleByFormula!.Value.Value)}, simulated {simulated} at most";
        AppendRow(text, "bubble of a rank", $"{bubble}; {formula.BubbleHolds}");
        AppendRow(
            text,
            "activations of a rank",
            $"`{formula.ActivationsText}` chunks, here {_evaluation.PeakChunks}{(_costs.Forward == 1 ? "" : $", each {Quantity.Number(_costs.Forward)} of a rank's share")}");
        AppendRow(text, "stages of a rank", $"`{formula.ParametersText}`, here {_evaluation.StagesOfARank} of {_evaluation.Timetable.Stages}");
        AppendRow(text, "source", formula.Source);
    }

    private string Command()
    {
        Timetable timetable = _evaluation.Timetable;
        string cost = Quantity.Number(_costs.Forward);
        string costs = _costs.Forward == 1 ? "" : $" --costs {cost},{cost},{cost}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"actors schedule {_schedule.Name} --ranks {timetable.Ranks} --micro-batches {timetable.MicroBatches}{costs} -o {_schedule.Name}.svg");
    }

    // A bar would end the cell, in code too.
    private static void AppendRow(StringBuilder text, string name, string value)
        => text.Append("| ").Append(name).Append(" | ").Append(value.Replace("|", "\\|", StringComparison.Ordinal)).Append(" |\n");
}
