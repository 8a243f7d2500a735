namespace Actors.Schedules.Formats;

/// <summary>Reads a timetable in any of its text forms, and tells them apart by their content.</summary>
public static class TimetableReader
{
    /// <summary>
    /// Reads a timetable. What begins with a brace or a bracket is JSON; else, comments left out, what has a comma or a quotation mark is
    /// comma-separated; the rest has actions with spaces between. Rows of one action each read alike in the last two.
    /// </summary>
    /// <param name="text">The whole text; a byte order mark at its start is skipped.</param>
    /// <param name="name">Name of the timetable, such as the file's; JSON states its own.</param>
    /// <exception cref="TimetableFormatException">
    /// The text is no timetable. Line and column say where; in JSON that is well formed, the path of the value does.
    /// </exception>
    public static Timetable Parse(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(name);
        if (text.AsSpan().TrimStart("\uFEFF \t\r\n") is ['{' or '[', ..])
        {
            return TimetableJson.Parse(text);
        }

        return IsCsv(text) ? TimetableCsv.Parse(text, name) : TimetableText.Parse(text, name);
    }

    private static bool IsCsv(ReadOnlySpan<char> text)
    {
        foreach (var line in TextLines.Of(text))
        {
            if (!line.TrimStart().StartsWith("#") && line.ContainsAny(',', '"'))
            {
                return true;
            }
        }

        return false;
    }
}
