using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using Microsoft.Extensions.Logging;

using MicrosoftLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Actors.Runtime.Diagnostics;

/// <summary>Akka.NET's logger that hands its events to the run's log, as component <c>akka</c>.</summary>
public sealed partial class AkkaLog : UntypedActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    private const string Component = "akka";

    private readonly ILogger _log = Context.System.Settings.Setup.Get<Destination>() is { HasValue: true, Value: var destination }
        ? destination.Loggers.CreateLogger(Component)
        : throw new InvalidOperationException($"{nameof(AkkaLog)} needs an actor system made with {nameof(AkkaLog)}.{nameof(Setup)}.");

    /// <summary>
    /// What an actor system is made with so that its log is the run's: it asks Akka.NET for no more than the run's level, unless
    /// the configuration says otherwise. Only HOCON names this type, so its constructor is kept when the command is trimmed.
    /// </summary>
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(AkkaLog))]
    public static ActorSystemSetup Setup(Config configuration, ILoggerFactory loggers)
    {
        string logger = $"{typeof(AkkaLog).FullName}, {typeof(AkkaLog).Assembly.GetName().Name}";
        Config log = ConfigurationFactory.ParseString(
            $"akka {{ loggers = [\"{logger}\"], loglevel = {LevelOf(loggers.CreateLogger(Component))}, stdout-loglevel = OFF }}");
        return BootstrapSetup.Create().WithConfig(configuration.WithFallback(log)).And(new Destination(loggers));
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized(), Self);
                break;
            case LogEvent logged:
                MicrosoftLevel level = LevelOf(logged.LogLevel());
                if (_log.IsEnabled(level))
                {
                    Event(_log, level, logged.LogSource, logged.Message, logged.Cause);
                }

                break;
            default:
                Unhandled(message);
                break;
        }
    }

    [LoggerMessage(EventId = 600, Message = "{Source}: {Text}")]
    private static partial void Event(ILogger log, MicrosoftLevel level, string source, object text, Exception? cause);

    private static MicrosoftLevel LevelOf(Akka.Event.LogLevel level) => level switch
    {
        Akka.Event.LogLevel.DebugLevel => MicrosoftLevel.Debug,
        Akka.Event.LogLevel.InfoLevel => MicrosoftLevel.Information,
        Akka.Event.LogLevel.WarningLevel => MicrosoftLevel.Warning,
        _ => MicrosoftLevel.Error,
    };

    private static string LevelOf(ILogger log) =>
        log.IsEnabled(MicrosoftLevel.Debug) ? "DEBUG"
        : log.IsEnabled(MicrosoftLevel.Information) ? "INFO"
        : log.IsEnabled(MicrosoftLevel.Warning) ? "WARNING"
        : log.IsEnabled(MicrosoftLevel.Error) ? "ERROR" : "OFF";

    /// <summary>Part of an actor system's setup: where Akka.NET's own log goes.</summary>
    private sealed class Destination(ILoggerFactory loggers) : Akka.Actor.Setup.Setup
    {
        public ILoggerFactory Loggers { get; } = loggers;
    }
}
