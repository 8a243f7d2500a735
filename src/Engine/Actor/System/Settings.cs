using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Actor;

/// <summary>A system's configuration, with what the engine itself reads from it.</summary>
public class Settings
{
    internal Settings(ActorSystem system, Config config, ActorSystemSetup setup)
    {
        System = system;
        Setup = setup;
        Config = config.WithFallback(Reference);
        LogLevel = Level("akka.loglevel");
        StdoutLogLevel = Level("akka.stdout-loglevel");
        Loggers = Config.GetStringList("akka.loggers");
        LoggerStartTimeout = Config.GetTimeSpan("akka.logger-startup-timeout");
        LogDeadLetters = ReadLogDeadLetters();
        LogDeadLettersDuringShutdown = Config.GetBoolean("akka.log-dead-letters-during-shutdown");
        AskTimeout = Config.GetTimeSpan("akka.actor.ask-timeout");
        SupervisorStrategyClass = Config.GetString("akka.actor.guardian-supervisor-strategy")!;
        DebugEventStream = Config.GetBoolean("akka.actor.debug.event-stream");
        SchedulerClass = Config.GetString("akka.scheduler.implementation")!;
        CoordinatedShutdownTerminateActorSystem = Config.GetBoolean("akka.coordinated-shutdown.terminate-actor-system");
        CoordinatedShutdownRunByActorSystemTerminate = Config.GetBoolean("akka.coordinated-shutdown.run-by-actor-system-terminate");
    }

    /// <summary>The system.</summary>
    public ActorSystem System { get; }

    /// <summary>What the system was started with beside its configuration.</summary>
    public ActorSystemSetup Setup { get; }

    /// <summary>The whole configuration: what was given, over the engine's own defaults.</summary>
    public Config Config { get; }

    /// <summary>Least level that is logged while the system runs.</summary>
    public string LogLevel { get; }

    /// <summary>Least level that is logged until the loggers run.</summary>
    public string StdoutLogLevel { get; }

    /// <summary>Class names of the loggers.</summary>
    public IList<string> Loggers { get; }

    /// <summary>How long one logger may take to start.</summary>
    public TimeSpan LoggerStartTimeout { get; }

    /// <summary>Most dead letters that are logged.</summary>
    public int LogDeadLetters { get; }

    /// <summary>Whether dead letters are logged while the system ends.</summary>
    public bool LogDeadLettersDuringShutdown { get; }

    /// <summary>How long a question waits when it says no time itself; negative for ever.</summary>
    public TimeSpan AskTimeout { get; }

    /// <summary>Class name of what the guardian of user actors does about failures.</summary>
    public string SupervisorStrategyClass { get; }

    /// <summary>Whether subscriptions to the event stream are logged.</summary>
    public bool DebugEventStream { get; }

    /// <summary>Class name of the scheduler.</summary>
    public string SchedulerClass { get; }

    /// <summary>Whether the last phase of a coordinated shutdown ends the system.</summary>
    public bool CoordinatedShutdownTerminateActorSystem { get; }

    /// <summary>Whether ending the system runs the phases of a coordinated shutdown first.</summary>
    public bool CoordinatedShutdownRunByActorSystemTerminate { get; }

    /// <summary>The engine's own defaults.</summary>
    internal static Config Reference { get; } = ConfigurationFactory.FromResource("Akka.reference.conf", typeof(Settings).Assembly);

    /// <summary>The whole configuration as text.</summary>
    public override string ToString() => Config.ToString(includeFallback: true);

    private string Level(string key)
    {
        string level = Config.GetString(key)!;
        try
        {
            _ = Logging.LogLevelFor(level);
            return level;
        }
        catch (ArgumentException failure)
        {
            throw new ConfigurationException($"{key}: {failure.Message}", failure);
        }
    }

    private int ReadLogDeadLetters()
    {
        string text = Config.GetString("akka.log-dead-letters")!;
        return text.ToLowerInvariant() switch
        {
            "on" or "true" or "yes" => int.MaxValue,
            "off" or "false" or "no" => 0,
            _ => Config.GetInt("akka.log-dead-letters"),
        };
    }
}
