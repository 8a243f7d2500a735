using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Actors.Schedules.Comparison;

/// <summary>
/// A comparison as a table of text: the schedule, its numbers, its constraint. A schedule that does not exist at the size that was asked
/// for has a star, its numbers at the nearest size, and a note below.
/// </summary>
public static class ComparisonTable
{
    private const string Star = "*";

    private static readonly ImmutableArray<Column> Columns =
    [
        new("ranks", figures => figures.Ranks),
        new("stages", figures => figures.Stages),
        new("micro-batches", figures => figures.MicroBatches),
        new("step", figures => figures.StepTime),
        new("rank time", figures => figures.RankTime),
        new("bubble", figures => figures.BubbleFraction, IsShare: true),
        new("exposed", figures => figures.ExposedCommunicationFraction, IsShare: true),
        new("chunks", figures => figures.PeakChunks),
        new("activations", figures => figures.PeakActivations),
        new("parameters", figures => figures.Parameters),
    ];

    /// <summary>Aligned columns, for a terminal; lines, each ended.</summary>
    /// <param name="comparison">What is shown.</param>
    /// <param name="order">The order of the rows.</param>
    /// <param name="width">Characters of a line: constraints that do not fit beside the table follow below it.</param>
    public static string ToText(ScheduleComparison comparison, ComparisonOrder order = ComparisonOrder.Catalog, int width = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        var schedules = comparison.In(order);
        var rows = RowsOf(schedules);
        var widths = rows[0].Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        var fits = widths.Sum() + (2 * (widths.Length - 1)) <= width;
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            text.Append(row[0].PadRight(widths[0]));
            for (var column = 1; column < row.Length - 1; column++)
            {
                text.Append("  ").Append(row[column].PadLeft(widths[column]));
            }

            text.Append(fits ? $"  {row[^1]}\n" : "\n");
        }

        AppendNotes(text, schedules, $"{Star} ");
        if (!fits)
        {
            AppendConstraints(text, schedules);
        }

        return text.ToString();
    }

    /// <summary>A table in Markdown, notes below it; lines, each ended.</summary>
    public static string ToMarkdown(ScheduleComparison comparison, ComparisonOrder order = ComparisonOrder.Catalog)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        var schedules = comparison.In(order);
        var rows = RowsOf(schedules);
        var text = new StringBuilder();
        text.Append("| ").AppendJoin(" | ", rows[0]).Append(" |\n|---|").AppendJoin("", Columns.Select(_ => "---:|")).Append("---|\n");
        foreach (var row in rows.AsSpan()[1..])
        {
            text.Append("| ").AppendJoin(" | ", row.Select(Escaped)).Append(" |\n");
        }

        if (schedules.Any(schedule => !schedule.IsAsAsked))
        {
            text.Append('\n');
            AppendNotes(text, schedules, $"- {Escaped(Star)} ");
        }

        return text.ToString();
    }

    /// <summary>
    /// Comma-separated values with a header, for other programs: shares from 0 to 1, all digits, the refusal as the last column; lines,
    /// each ended.
    /// </summary>
    public static string ToCsv(ScheduleComparison comparison, ComparisonOrder order = ComparisonOrder.Catalog)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        var text = new StringBuilder("schedule,").AppendJoin(',', Columns.Select(column => column.Name)).Append(",constraint,refusal\n");
        foreach (var schedule in comparison.In(order))
        {
            text.Append(schedule.Label).Append(',')
                .AppendJoin(',', Columns.Select(column => schedule.Figures is { } figures ? column.Exact(figures) : ""))
                .Append(CultureInfo.InvariantCulture, $",\"{schedule.Constraint}\",\"{schedule.Refusal}\"\n");
        }

        return text.ToString();
    }

    private static ImmutableArray<string[]> RowsOf(ImmutableArray<ComparedSchedule> schedules)
        => [["schedule", .. Columns.Select(column => column.Name), "constraint"], .. schedules.Select(RowOf)];

    private static string[] RowOf(ComparedSchedule schedule) =>
    [
        schedule.IsAsAsked ? schedule.Label : schedule.Label + Star,
        .. Columns.Select(column => schedule.Figures is { } figures ? column.Short(figures) : "-"),
        schedule.Constraint,
    ];

    private static void AppendNotes(StringBuilder text, ImmutableArray<ComparedSchedule> schedules, string prefix)
    {
        foreach (var schedule in schedules)
        {
            if (schedule.Refusal is { } refusal)
            {
                text.Append(prefix).Append(refusal).Append(schedule.Figures is { } figures
                    ? $"; shown with {figures.MicroBatches} micro-batches on {figures.Ranks} ranks\n"
                    : "\n");
            }
        }
    }

    private static void AppendConstraints(StringBuilder text, ImmutableArray<ComparedSchedule> schedules)
    {
        foreach (var schedule in schedules.DistinctBy(schedule => schedule.Name))
        {
            text.Append(CultureInfo.InvariantCulture, $"{schedule.Name}: {schedule.Constraint}\n");
        }
    }

    private static string Escaped(string cell) => cell.Replace(Star, "\\*", StringComparison.Ordinal);

    private sealed record Column(string Name, Func<ScheduleFigures, double> ValueOf, bool IsShare = false)
    {
        public string Exact(ScheduleFigures figures) => ValueOf(figures).ToString("R", CultureInfo.InvariantCulture);

        public string Short(ScheduleFigures figures) => IsShare
            ? (100 * ValueOf(figures)).ToString("0.0", CultureInfo.InvariantCulture) + "%"
            : ValueOf(figures).ToString("0.###", CultureInfo.InvariantCulture);
    }
}
