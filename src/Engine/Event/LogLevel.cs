namespace Akka.Event;

/// <summary>How much a log event matters.</summary>
public enum LogLevel
{
    /// <summary>For who searches a fault.</summary>
    DebugLevel,

    /// <summary>What happens in normal operation.</summary>
    InfoLevel,

    /// <summary>What may become a problem.</summary>
    WarningLevel,

    /// <summary>What went wrong.</summary>
    ErrorLevel,
}
