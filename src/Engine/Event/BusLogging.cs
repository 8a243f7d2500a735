namespace Akka.Event;

/// <summary>Publishes log events on a bus.</summary>
internal sealed class BusLogging(LoggingBus bus, string source, Type sourceType, ILogMessageFormatter formatter) : ILoggingAdapter
{
    public ILogMessageFormatter Formatter => formatter;

    public bool IsDebugEnabled => IsEnabled(LogLevel.DebugLevel);

    public bool IsInfoEnabled => IsEnabled(LogLevel.InfoLevel);

    public bool IsWarningEnabled => IsEnabled(LogLevel.WarningLevel);

    public bool IsErrorEnabled => IsEnabled(LogLevel.ErrorLevel);

    public bool IsEnabled(LogLevel logLevel) => bus.LogLevel <= logLevel;

    public void Log(LogLevel logLevel, Exception? cause, string format) => Publish(logLevel, cause, format);

    public void Log(LogLevel logLevel, Exception? cause, LogMessage message) => Publish(logLevel, cause, message);

    private void Publish(LogLevel logLevel, Exception? cause, object message)
    {
        if (IsEnabled(logLevel))
        {
            bus.Publish(logLevel switch
            {
                LogLevel.DebugLevel => new Debug(cause, source, sourceType, message),
                LogLevel.InfoLevel => new Info(cause, source, sourceType, message),
                LogLevel.WarningLevel => new Warning(cause, source, sourceType, message),
                _ => new Error(cause, source, sourceType, message),
            });
        }
    }
}
