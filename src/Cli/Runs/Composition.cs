using Actors.Cpu;
using Actors.Runtime.Configuration;
using Actors.Runtime.Diagnostics;
using Actors.Tensors;
using Akka.Actor;
using Akka.Configuration;

namespace Actors.Cli.Runs;

/// <summary>What the composition root chooses: device, link, clock, log and the size of traces.</summary>
internal sealed record Composition
{
    /// <summary>Measures time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes the device that the configuration names.</summary>
    public Func<IBackend> MakeBackend { get; init; } = static () => new CpuBackend();

    /// <summary>Makes a link between ranks of this process.</summary>
    public Func<ITensorLink> MakeLink { get; init; } = static () => new HostLink();

    /// <summary>Events kept for a rank by <c>--trace</c>: about 100 bytes each.</summary>
    public int TraceCapacity { get; init; } = 200_000;

    /// <summary>Where the log's lines go.</summary>
    public TextWriter Log { get; init; } = TextWriter.Null;

    /// <summary>Where a run logs and counts; <see cref="RunTelemetry"/> makes it for each run.</summary>
    public Telemetry Telemetry { get; init; } = Telemetry.None;

    /// <summary>
    /// What the actors' system is like unless a profile says otherwise. Ranks compute on as many threads as there are processors, never more, and in the order in which their
    /// work comes: those of a group stay together and find each other's weights in the caches.
    /// </summary>
    private const string SystemDefaults =
        "akka.actor.default-dispatcher.type = ForkJoinDispatcher";

    /// <summary>Starts the actors' system with a configuration; its own log is the run's.</summary>
    public ActorSystem StartSystem(LayeredConfiguration configuration)
    {
        Config merged = configuration.Merged.WithFallback(ConfigurationFactory.ParseString(SystemDefaults));
        return ActorSystem.Create("actors", AkkaLog.Setup(merged, Telemetry.Loggers));
    }
}
