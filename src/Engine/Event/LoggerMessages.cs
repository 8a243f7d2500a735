using Akka.Actor;

namespace Akka.Event;

/// <summary>Tells an actor of <c>akka.loggers</c> that log events come from now on; it answers <see cref="LoggerInitialized"/>.</summary>
public class InitializeLogger : INoSerializationVerificationNeeded
{
    /// <summary>Creates the message.</summary>
    public InitializeLogger(LoggingBus loggingBus) => LoggingBus = loggingBus;

    /// <summary>Where the events come from.</summary>
    public LoggingBus LoggingBus { get; }
}

/// <summary>The answer to <see cref="InitializeLogger"/>.</summary>
public class LoggerInitialized : INoSerializationVerificationNeeded, IDeadLetterSuppression
{
}
