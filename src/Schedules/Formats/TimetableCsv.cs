using System.Globalization;
using System.Text;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Formats;

/// <summary>
/// Comma-separated form, that of PyTorch's pipelining schedules (<c>_dump_csv</c> and <c>_load_csv</c> of its 2.11): a row a rank, a cell
/// an action. Without communication a rank that waits for a time slot (<see cref="TimeGrid"/>) has an empty cell, as in PyTorch's
/// <c>compute_only</c>; with communication there are no empty cells, since PyTorch's <c>compute_comms</c> refuses them. The form states
/// no placement, so the reader finds it from where the actions stand.
/// </summary>
public static class TimetableCsv
{
    private const string EmptyRow = "\"\"";

    /// <summary>Writes a timetable; lines end with a line feed.</summary>
    /// <exception cref="InvalidOperationException">The timetable has no communication and deadlocks, so it has no time slots.</exception>
    public static string Write(Timetable timetable)
    {
        ArgumentNullException.ThrowIfNull(timetable);
        var csv = new StringBuilder(timetable.ActionCount * 8);
        if (timetable.HasCommunication)
        {
            WriteActions(timetable, csv);
        }
        else
        {
            WriteSlots(TimeGrid.Of(timetable), csv);
        }

        return csv.ToString();
    }

    /// <summary>
    /// Reads a timetable. Cells may stand in double quotes, lines may end with CR LF. A row of empty cells is a rank without actions, as is <c>""</c>;
    /// empty lines at the end are no ranks, others are refused. Waits carry no meaning, since a rank waits for its inputs anyway. PyTorch's gradient reductions, such as <c>3REDUCE_GRAD</c>, are left out: a
    /// step ends with them here. So are the gathers and releases of sharded parameters (<c>3UNSHARD</c>, <c>3RESHARD</c>), which stand in
    /// all its <c>compute_comms</c> files.
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
            if (row.IsWhiteSpace())
            {
                rows.SkipEmpty(line);
                continue;
            }

            ReadRow(row, line, rows);
            rows.EndRow(EmptyRow);
        }

        return rows.ToTimetable(name);
    }

    private static void WriteActions(Timetable timetable, StringBuilder csv)
    {
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            var separator = "";
            foreach (var action in timetable.ActionsOf(rank))
            {
                csv.Append(CultureInfo.InvariantCulture, $"{separator}{action}");
                separator = ",";
            }

            csv.Append(separator.Length == 0 ? EmptyRow : "").Append('\n');
        }
    }

    private static void WriteSlots(TimeGrid grid, StringBuilder csv)
    {
        for (var rank = 0; rank < grid.Ranks; rank++)
        {
            var separator = "";
            foreach (var action in grid.RowOf(rank))
            {
                csv.Append(CultureInfo.InvariantCulture, $"{separator}{action}");
                separator = ",";
            }

            csv.Append(separator.Length == 0 ? EmptyRow : "").Append('\n');
        }
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

            if (!cell.IsEmpty && !IsOfParameters(cell))
            {
                rows.Add(cell, line, range.Start.Value + 1);
            }
        }
    }

    private static bool IsOfParameters(ReadOnlySpan<char> cell)
    {
        var digits = cell.IndexOfAnyExceptInRange('0', '9');
        return digits > 0 && cell[digits..] is "REDUCE_GRAD" or "UNSHARD" or "RESHARD";
    }
}
