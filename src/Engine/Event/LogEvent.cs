using System.Globalization;
using Akka.Actor;

namespace Akka.Event;

/// <summary>Something logged, published on the event stream.</summary>
public abstract class LogEvent : INoSerializationVerificationNeeded
{
    private protected LogEvent(Exception? cause, string logSource, Type logClass, object message)
    {
        Cause = cause;
        LogSource = logSource;
        LogClass = logClass;
        Message = message;
        Timestamp = DateTime.UtcNow;
        Thread = Thread.CurrentThread;
    }

    /// <summary>The exception logged, or null.</summary>
    public Exception? Cause { get; protected set; }

    /// <summary>When, in UTC.</summary>
    public DateTime Timestamp { get; }

    /// <summary>The thread that logged.</summary>
    public Thread Thread { get; }

    /// <summary>What logged: an actor's path or a name.</summary>
    public string LogSource { get; protected set; }

    /// <summary>The type that logged.</summary>
    public Type LogClass { get; protected set; }

    /// <summary>What was logged; its text is formatted when asked for.</summary>
    public object Message { get; protected set; }

    /// <summary>How much it matters.</summary>
    public abstract LogLevel LogLevel();

    /// <summary>One line, and the exception's lines when there is one.</summary>
    public override string ToString()
    {
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"[{LogLevel().StringFor()}][{Timestamp:yyyy-MM-ddTHH:mm:ss.fffZ}][Thread {Thread.ManagedThreadId:D4}][{LogSource}] {Message}");
        return Cause is null ? line : $"{line}{Environment.NewLine}Cause: {Cause}";
    }
}

/// <summary>A debug event.</summary>
public class Debug : LogEvent
{
    /// <summary>Creates the event.</summary>
    public Debug(string logSource, Type logClass, object message)
        : this(null, logSource, logClass, message)
    {
    }

    /// <summary>Creates the event.</summary>
    public Debug(Exception? cause, string logSource, Type logClass, object message)
        : base(cause, logSource, logClass, message)
    {
    }

    /// <inheritdoc/>
    public override LogLevel LogLevel() => Event.LogLevel.DebugLevel;
}

/// <summary>An info event.</summary>
public class Info : LogEvent
{
    /// <summary>Creates the event.</summary>
    public Info(string logSource, Type logClass, object message)
        : this(null, logSource, logClass, message)
    {
    }

    /// <summary>Creates the event.</summary>
    public Info(Exception? cause, string logSource, Type logClass, object message)
        : base(cause, logSource, logClass, message)
    {
    }

    /// <inheritdoc/>
    public override LogLevel LogLevel() => Event.LogLevel.InfoLevel;
}

/// <summary>A warning.</summary>
public class Warning : LogEvent
{
    /// <summary>Creates the event.</summary>
    public Warning(string logSource, Type logClass, object message)
        : this(null, logSource, logClass, message)
    {
    }

    /// <summary>Creates the event.</summary>
    public Warning(Exception? cause, string logSource, Type logClass, object message)
        : base(cause, logSource, logClass, message)
    {
    }

    /// <inheritdoc/>
    public override LogLevel LogLevel() => Event.LogLevel.WarningLevel;
}

/// <summary>An error.</summary>
public class Error : LogEvent
{
    /// <summary>Creates the event.</summary>
    public Error(Exception? cause, string logSource, Type logClass, object message)
        : base(cause, logSource, logClass, message)
    {
    }

    /// <inheritdoc/>
    public override LogLevel LogLevel() => Event.LogLevel.ErrorLevel;
}
