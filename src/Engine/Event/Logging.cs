using Akka.Actor;

namespace Akka.Event;

/// <summary>Makes logs and names their levels.</summary>
public static class Logging
{
    /// <summary>The log of the running actor.</summary>
    public static ILoggingAdapter GetLogger(this IActorContext context, ILogMessageFormatter? logMessageFormatter = null) =>
        Create(context.System.EventStream, context.Self.Path.ToStringWithAddress(), context.Props.Type, logMessageFormatter);

    /// <summary>A log of a system in the name of an actor, a type, a text or an object's type.</summary>
    public static ILoggingAdapter GetLogger(ActorSystem system, object logSourceObj, ILogMessageFormatter? logMessageFormatter = null) =>
        GetLogger(system.EventStream, logSourceObj, logMessageFormatter);

    /// <summary>A log of a bus in the name of an actor, a type, a text or an object's type.</summary>
    public static ILoggingAdapter GetLogger(LoggingBus loggingBus, object logSourceObj, ILogMessageFormatter? logMessageFormatter = null) =>
        logSourceObj switch
        {
            IActorContext context => Create(loggingBus, context.Self.Path.ToStringWithAddress(), context.Props.Type, logMessageFormatter),
            IActorRef actor => Create(loggingBus, actor.Path.ToStringWithAddress(), actor.GetType(), logMessageFormatter),
            string name => Create(loggingBus, name, typeof(Logging), logMessageFormatter),
            Type type => Create(loggingBus, SimpleName(type), type, logMessageFormatter),
            _ => Create(loggingBus, SimpleName(logSourceObj), logSourceObj.GetType(), logMessageFormatter),
        };

    /// <summary>The level's name in the configuration, in capitals.</summary>
    public static string StringFor(this LogLevel logLevel) => logLevel switch
    {
        LogLevel.DebugLevel => "DEBUG",
        LogLevel.InfoLevel => "INFO",
        LogLevel.WarningLevel => "WARNING",
        LogLevel.ErrorLevel => "ERROR",
        _ => throw new ArgumentOutOfRangeException(nameof(logLevel), logLevel, "Unknown log level."),
    };

    /// <summary>The level that a configuration names; <c>OFF</c> lies above all.</summary>
    /// <exception cref="ArgumentException">There is no such level.</exception>
    public static LogLevel LogLevelFor(string logLevel) => logLevel.ToUpperInvariant() switch
    {
        "DEBUG" => LogLevel.DebugLevel,
        "INFO" => LogLevel.InfoLevel,
        "WARNING" => LogLevel.WarningLevel,
        "ERROR" => LogLevel.ErrorLevel,
        "OFF" => Off,
        _ => throw new ArgumentException($"Unknown log level '{logLevel}': use DEBUG, INFO, WARNING, ERROR or OFF.", nameof(logLevel)),
    };

    /// <summary>The type of the events of a level.</summary>
    public static Type ClassFor(this LogLevel logLevel) => logLevel switch
    {
        LogLevel.DebugLevel => typeof(Debug),
        LogLevel.InfoLevel => typeof(Info),
        LogLevel.WarningLevel => typeof(Warning),
        LogLevel.ErrorLevel => typeof(Error),
        _ => throw new ArgumentOutOfRangeException(nameof(logLevel), logLevel, "Unknown log level."),
    };

    /// <summary>A type's name without namespace.</summary>
    public static string SimpleName(Type t) => t.Name;

    /// <summary>The name of an object's type, without namespace.</summary>
    public static string SimpleName(object o) => o.GetType().Name;

    /// <summary>Above every level: nothing is logged.</summary>
    internal const LogLevel Off = (LogLevel)int.MaxValue;

    private static BusLogging Create(LoggingBus bus, string source, Type type, ILogMessageFormatter? formatter) =>
        new(bus, source, type, formatter ?? DefaultLogMessageFormatter.Instance);
}
