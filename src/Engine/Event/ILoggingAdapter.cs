namespace Akka.Event;

/// <summary>Logs in the name of one source; <see cref="LoggingExtensions"/> has the methods to call.</summary>
public interface ILoggingAdapter
{
    /// <summary>Makes messages' text.</summary>
    ILogMessageFormatter Formatter { get; }

    /// <summary>Whether debug events are wanted.</summary>
    bool IsDebugEnabled { get; }

    /// <summary>Whether info events are wanted.</summary>
    bool IsInfoEnabled { get; }

    /// <summary>Whether warnings are wanted.</summary>
    bool IsWarningEnabled { get; }

    /// <summary>Whether errors are wanted.</summary>
    bool IsErrorEnabled { get; }

    /// <summary>Whether events of that level are wanted.</summary>
    bool IsEnabled(LogLevel logLevel);

    /// <summary>Logs a text.</summary>
    void Log(LogLevel logLevel, Exception? cause, string format);

    /// <summary>Logs a message.</summary>
    void Log(LogLevel logLevel, Exception? cause, LogMessage message);
}
