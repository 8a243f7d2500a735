namespace Akka.Event;

/// <summary>Logging by level. Arguments stand in the format as <c>{0}</c>, <c>{1}</c>, ... and are formatted only where the event is read.</summary>
public static class LoggingExtensions
{
    /// <summary>Logs a debug event.</summary>
    public static void Debug(this ILoggingAdapter log, string format) => log.Log(LogLevel.DebugLevel, null, format);

    /// <summary>Logs a debug event.</summary>
    public static void Debug<T1>(this ILoggingAdapter log, string format, T1 arg1)
    {
        if (log.IsEnabled(LogLevel.DebugLevel))
        {
            log.Log(LogLevel.DebugLevel, null, format, [arg1]);
        }
    }

    /// <summary>Logs a debug event.</summary>
    public static void Debug<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(LogLevel.DebugLevel))
        {
            log.Log(LogLevel.DebugLevel, null, format, [arg1, arg2]);
        }
    }

    /// <summary>Logs a debug event.</summary>
    public static void Debug<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsEnabled(LogLevel.DebugLevel))
        {
            log.Log(LogLevel.DebugLevel, null, format, [arg1, arg2, arg3]);
        }
    }

    /// <summary>Logs a debug event.</summary>
    public static void Debug<T1, T2, T3, T4>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4)
    {
        if (log.IsEnabled(LogLevel.DebugLevel))
        {
            log.Log(LogLevel.DebugLevel, null, format, [arg1, arg2, arg3, arg4]);
        }
    }

    /// <summary>Logs a debug event with its exception.</summary>
    public static void Debug(this ILoggingAdapter log, Exception? cause, string format) => log.Log(LogLevel.DebugLevel, cause, format);

    /// <summary>Logs a debug event with its exception.</summary>
    public static void Debug<T1>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1)
    {
        if (log.IsEnabled(LogLevel.DebugLevel))
        {
            log.Log(LogLevel.DebugLevel, cause, format, [arg1]);
        }
    }

    /// <summary>Logs a debug event with its exception.</summary>
    public static void Debug<T1, T2>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(LogLevel.DebugLevel))
        {
            log.Log(LogLevel.DebugLevel, cause, format, [arg1, arg2]);
        }
    }

    /// <summary>Logs a debug event with its exception.</summary>
    public static void Debug<T1, T2, T3>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsEnabled(LogLevel.DebugLevel))
        {
            log.Log(LogLevel.DebugLevel, cause, format, [arg1, arg2, arg3]);
        }
    }

    /// <summary>Logs a debug event with its exception.</summary>
    public static void Debug<T1, T2, T3, T4>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4)
    {
        if (log.IsEnabled(LogLevel.DebugLevel))
        {
            log.Log(LogLevel.DebugLevel, cause, format, [arg1, arg2, arg3, arg4]);
        }
    }

    /// <summary>Logs an info event.</summary>
    public static void Info(this ILoggingAdapter log, string format) => log.Log(LogLevel.InfoLevel, null, format);

    /// <summary>Logs an info event.</summary>
    public static void Info<T1>(this ILoggingAdapter log, string format, T1 arg1)
    {
        if (log.IsEnabled(LogLevel.InfoLevel))
        {
            log.Log(LogLevel.InfoLevel, null, format, [arg1]);
        }
    }

    /// <summary>Logs an info event.</summary>
    public static void Info<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(LogLevel.InfoLevel))
        {
            log.Log(LogLevel.InfoLevel, null, format, [arg1, arg2]);
        }
    }

    /// <summary>Logs an info event.</summary>
    public static void Info<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsEnabled(LogLevel.InfoLevel))
        {
            log.Log(LogLevel.InfoLevel, null, format, [arg1, arg2, arg3]);
        }
    }

    /// <summary>Logs an info event.</summary>
    public static void Info<T1, T2, T3, T4>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4)
    {
        if (log.IsEnabled(LogLevel.InfoLevel))
        {
            log.Log(LogLevel.InfoLevel, null, format, [arg1, arg2, arg3, arg4]);
        }
    }

    /// <summary>Logs an info event with its exception.</summary>
    public static void Info(this ILoggingAdapter log, Exception? cause, string format) => log.Log(LogLevel.InfoLevel, cause, format);

    /// <summary>Logs an info event with its exception.</summary>
    public static void Info<T1>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1)
    {
        if (log.IsEnabled(LogLevel.InfoLevel))
        {
            log.Log(LogLevel.InfoLevel, cause, format, [arg1]);
        }
    }

    /// <summary>Logs an info event with its exception.</summary>
    public static void Info<T1, T2>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(LogLevel.InfoLevel))
        {
            log.Log(LogLevel.InfoLevel, cause, format, [arg1, arg2]);
        }
    }

    /// <summary>Logs an info event with its exception.</summary>
    public static void Info<T1, T2, T3>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsEnabled(LogLevel.InfoLevel))
        {
            log.Log(LogLevel.InfoLevel, cause, format, [arg1, arg2, arg3]);
        }
    }

    /// <summary>Logs an info event with its exception.</summary>
    public static void Info<T1, T2, T3, T4>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4)
    {
        if (log.IsEnabled(LogLevel.InfoLevel))
        {
            log.Log(LogLevel.InfoLevel, cause, format, [arg1, arg2, arg3, arg4]);
        }
    }

    /// <summary>Logs a warning.</summary>
    public static void Warning(this ILoggingAdapter log, string format) => log.Log(LogLevel.WarningLevel, null, format);

    /// <summary>Logs a warning.</summary>
    public static void Warning<T1>(this ILoggingAdapter log, string format, T1 arg1)
    {
        if (log.IsEnabled(LogLevel.WarningLevel))
        {
            log.Log(LogLevel.WarningLevel, null, format, [arg1]);
        }
    }

    /// <summary>Logs a warning.</summary>
    public static void Warning<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(LogLevel.WarningLevel))
        {
            log.Log(LogLevel.WarningLevel, null, format, [arg1, arg2]);
        }
    }

    /// <summary>Logs a warning.</summary>
    public static void Warning<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsEnabled(LogLevel.WarningLevel))
        {
            log.Log(LogLevel.WarningLevel, null, format, [arg1, arg2, arg3]);
        }
    }

    /// <summary>Logs a warning.</summary>
    public static void Warning<T1, T2, T3, T4>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4)
    {
        if (log.IsEnabled(LogLevel.WarningLevel))
        {
            log.Log(LogLevel.WarningLevel, null, format, [arg1, arg2, arg3, arg4]);
        }
    }

    /// <summary>Logs a warning with its exception.</summary>
    public static void Warning(this ILoggingAdapter log, Exception? cause, string format) => log.Log(LogLevel.WarningLevel, cause, format);

    /// <summary>Logs a warning with its exception.</summary>
    public static void Warning<T1>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1)
    {
        if (log.IsEnabled(LogLevel.WarningLevel))
        {
            log.Log(LogLevel.WarningLevel, cause, format, [arg1]);
        }
    }

    /// <summary>Logs a warning with its exception.</summary>
    public static void Warning<T1, T2>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(LogLevel.WarningLevel))
        {
            log.Log(LogLevel.WarningLevel, cause, format, [arg1, arg2]);
        }
    }

    /// <summary>Logs a warning with its exception.</summary>
    public static void Warning<T1, T2, T3>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsEnabled(LogLevel.WarningLevel))
        {
            log.Log(LogLevel.WarningLevel, cause, format, [arg1, arg2, arg3]);
        }
    }

    /// <summary>Logs a warning with its exception.</summary>
    public static void Warning<T1, T2, T3, T4>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4)
    {
        if (log.IsEnabled(LogLevel.WarningLevel))
        {
            log.Log(LogLevel.WarningLevel, cause, format, [arg1, arg2, arg3, arg4]);
        }
    }

    /// <summary>Logs an error.</summary>
    public static void Error(this ILoggingAdapter log, string format) => log.Log(LogLevel.ErrorLevel, null, format);

    /// <summary>Logs an error.</summary>
    public static void Error<T1>(this ILoggingAdapter log, string format, T1 arg1)
    {
        if (log.IsEnabled(LogLevel.ErrorLevel))
        {
            log.Log(LogLevel.ErrorLevel, null, format, [arg1]);
        }
    }

    /// <summary>Logs an error.</summary>
    public static void Error<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(LogLevel.ErrorLevel))
        {
            log.Log(LogLevel.ErrorLevel, null, format, [arg1, arg2]);
        }
    }

    /// <summary>Logs an error.</summary>
    public static void Error<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsEnabled(LogLevel.ErrorLevel))
        {
            log.Log(LogLevel.ErrorLevel, null, format, [arg1, arg2, arg3]);
        }
    }

    /// <summary>Logs an error.</summary>
    public static void Error<T1, T2, T3, T4>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4)
    {
        if (log.IsEnabled(LogLevel.ErrorLevel))
        {
            log.Log(LogLevel.ErrorLevel, null, format, [arg1, arg2, arg3, arg4]);
        }
    }

    /// <summary>Logs an error with its exception.</summary>
    public static void Error(this ILoggingAdapter log, Exception? cause, string format) => log.Log(LogLevel.ErrorLevel, cause, format);

    /// <summary>Logs an error with its exception.</summary>
    public static void Error<T1>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1)
    {
        if (log.IsEnabled(LogLevel.ErrorLevel))
        {
            log.Log(LogLevel.ErrorLevel, cause, format, [arg1]);
        }
    }

    /// <summary>Logs an error with its exception.</summary>
    public static void Error<T1, T2>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(LogLevel.ErrorLevel))
        {
            log.Log(LogLevel.ErrorLevel, cause, format, [arg1, arg2]);
        }
    }

    /// <summary>Logs an error with its exception.</summary>
    public static void Error<T1, T2, T3>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsEnabled(LogLevel.ErrorLevel))
        {
            log.Log(LogLevel.ErrorLevel, cause, format, [arg1, arg2, arg3]);
        }
    }

    /// <summary>Logs an error with its exception.</summary>
    public static void Error<T1, T2, T3, T4>(this ILoggingAdapter log, Exception? cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4)
    {
        if (log.IsEnabled(LogLevel.ErrorLevel))
        {
            log.Log(LogLevel.ErrorLevel, cause, format, [arg1, arg2, arg3, arg4]);
        }
    }

    /// <summary>Logs at a level.</summary>
    public static void Log(this ILoggingAdapter log, LogLevel level, string format) => log.Log(level, null, format);

    /// <summary>Logs at a level, with an exception.</summary>
    public static void Log(this ILoggingAdapter log, LogLevel level, Exception? cause, string format, object?[] args) =>
        log.Log(level, cause, new FormattedLogMessage(log.Formatter, format, args));
}
