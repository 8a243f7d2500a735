using System.Globalization;
using System.Text;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Formats;

/// <summary>
/// Comma-separated form, that of PyTorch's pipelining schedules: a row a rank, a cell an action, an empty cell where a rank waits for a
/// time slot (<see cref="TimeGrid"/>). It states no placement, so the reader finds it from where the actions stand.
/// </summary>
public static class TimetableCsv
{
    private const string ReduceGrad = "REDUCE_GRAD";

    /// <summary>Writes a timetable; lines end with a line feed.</summary>
    /// <exception cref="InvalidOperationException">The timetable deadlocks, so it has no time slots.</exception>
    public static string Write(Timetable timetable)
    {
        var grid = TimeGrid.Of(timetable);
        var csv = new StringBuilder(timetable.ActionCount * 8);
        for (var rank = 0; rank < grid.Ranks; rank++)
        {
            var row = grid.RowOf(rank);
            for (var slot = 0; slot < row.Length; slot++)
            {
                if (slot > 0)
                {
                    csv.Append(',');
                }

                if (row[slot] is { } action)
                {
                    csv.Append(CultureInfo.InvariantCulture, $"{action}");
                }
            }

            csv.Append('\n');
        }

        return csv.ToString();
    }

    /// <summary>
    /// Reads a timetable. Cells may stand in double quotes, lines may end with CR LF. Waits carry no meaning, since a rank waits for its
    /// inputs anyway. PyTorch's gradient reductions, such as <c>3REDUCE_GRAD</c>, are left out: a step ends with them here.
    /// </summary>
    /// <param name="csv">The text.</param>
    /// <param name="name">Name of the timetable, such as the file's.</param>
    /// <exception cref="TimetableFormatException">A cell is no action; line and column (in characters) say where.</exception>
    public static Timetable Parse(ReadOnlySpan<char> csv, string name = "csv")
    {
        var rows = new RowCollector();
        var line = 0;
        foreach (var row in TextLines.Of(csv))
        {
            line++;
            ReadRow(row, line, rows);
            rows.EndRow();
        }

        return rows.ToTimetable(name);
    }

    private static void ReadRow(ReadOnlySpan<char> row, int line, RowCollector rows)
    {
        foreach (var range in row.Split(','))
        {
            var cell = row[range].Trim();
            if (cell.Length >= 2 && cell[0] == '"' && cell[^1] == '"')
            {
                cell = cell[1..^1].Trim();
            }

            if (!cell.IsEmpty && !IsReduceGrad(cell))
            {
                rows.Add(cell, line, range.Start.Value + 1);
            }
        }
    }

    private static bool IsReduceGrad(ReadOnlySpan<char> cell)
        => cell.EndsWith(ReduceGrad) && !cell[..^ReduceGrad.Length].ContainsAnyExceptInRange('0', '9');
}
