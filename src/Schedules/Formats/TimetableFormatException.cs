namespace Actors.Schedules.Formats;

/// <summary>Text that is not a timetable. The message is one line and begins with the place.</summary>
public sealed class TimetableFormatException : FormatException
{
    /// <summary>An error at a line and column.</summary>
    /// <param name="line">Line, from 1; 0 where the fault has no one line.</param>
    /// <param name="column">Column in characters (bytes in JSON), from 1; 0 where the fault has no one column.</param>
    /// <param name="problem">What is wrong and how to mend it.</param>
    public TimetableFormatException(int line, int column, string problem)
        : base(line > 0 ? $"line {line} column {column}: {problem}" : problem)
    {
        Line = line;
        Column = column;
    }

    /// <summary>Line, from 1; 0 where the fault has no one line.</summary>
    public int Line { get; }

    /// <summary>Column, from 1; 0 where the fault has no one column.</summary>
    public int Column { get; }
}
