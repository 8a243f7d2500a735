using System.Globalization;
using System.Text;

namespace Actors.Schedules.Formats;

/// <summary>
/// Plain form: a line a rank, its actions with spaces between and no waits, lines that begin with <c>#</c> are comments, <c>-</c> is a rank
/// without actions. Empty lines at the end are no ranks, others are refused. It states no placement, so the reader finds it from where the actions stand.
/// </summary>
public static class TimetableText
{
    private const string EmptyRow = "-";

    /// <summary>Writes a timetable, a comment with its name and size first; lines end with a line feed.</summary>
    public static string Write(Timetable timetable)
    {
        ArgumentNullException.ThrowIfNull(timetable);
        var text = new StringBuilder(timetable.ActionCount * 8);
        text.Append(CultureInfo.InvariantCulture,
            $"# {timetable.Schedule.ReplaceLineEndings(" ")}: {timetable.Ranks} ranks, {timetable.Stages} stages, "
            + $"{timetable.MicroBatches} micro-batches\n");
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            var actions = timetable.ActionsOf(rank);
            for (var position = 0; position < actions.Length; position++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{(position > 0 ? " " : "")}{actions[position]}");
            }

            text.Append(actions.IsEmpty ? EmptyRow : "").Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Reads a timetable.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">Name of the timetable, such as the file's.</param>
    /// <exception cref="TimetableFormatException">A word is no action; line and column (in characters) say where.</exception>
    public static Timetable Parse(ReadOnlySpan<char> text, string name = "text")
    {
        var rows = new RowCollector();
        var line = 0;
        foreach (var row in TextLines.Of(text))
        {
            line++;
            if (row.TrimStart().StartsWith("#"))
            {
                continue;
            }

            if (row.IsWhiteSpace())
            {
                rows.SkipEmpty(line);
                continue;
            }

            foreach (var range in row.SplitAny(' ', '\t'))
            {
                if (!row[range].IsEmpty && row[range] is not EmptyRow)
                {
                    rows.Add(row[range], line, range.Start.Value + 1);
                }
            }

            rows.EndRow(EmptyRow);
        }

        return rows.ToTimetable(name);
    }
}
