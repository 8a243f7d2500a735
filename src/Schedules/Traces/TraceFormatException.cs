namespace Actors.Schedules.Traces;

/// <summary>Text that is not a trace from which costs can be taken. The message is one line: what is missing and how to mend it.</summary>
public sealed class TraceFormatException : FormatException
{
    /// <summary>An error.</summary>
    public TraceFormatException(string message)
        : base(message)
    {
    }
}
