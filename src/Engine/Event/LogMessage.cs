namespace Akka.Event;

/// <summary>A log message's format and arguments; it becomes text only where somebody reads it.</summary>
public abstract class LogMessage
{
    /// <summary>Makes the text.</summary>
    protected readonly ILogMessageFormatter Formatter;

    private protected LogMessage(ILogMessageFormatter formatter, string format)
    {
        Formatter = formatter;
        Format = format;
    }

    /// <summary>The format, with <c>{0}</c> for the first argument.</summary>
    public string Format { get; }

    /// <summary>The arguments.</summary>
    public abstract IEnumerable<object> Parameters();

    /// <summary>The format and the arguments, unformatted.</summary>
    public abstract string Unformatted();
}

/// <summary>A log message with its arguments in an array.</summary>
internal sealed class FormattedLogMessage(ILogMessageFormatter formatter, string format, object?[] args) : LogMessage(formatter, format)
{
    public override IEnumerable<object> Parameters() => args!;

    public override string Unformatted() => $"{Format} [{string.Join(", ", args)}]";

    public override string ToString()
    {
        try
        {
            return Formatter.Format(Format, args!);
        }
        catch (FormatException failure)
        {
            return $"{Unformatted()} (the format does not fit its arguments: {failure.Message})";
        }
    }
}
