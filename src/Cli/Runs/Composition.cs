using Actors.Cpu;
using Actors.Runtime.Configuration;
using Actors.Runtime.Dispatching;
using Actors.Runtime.Training;
using Actors.Tensors;
using Akka.Actor;
using Akka.Configuration;

namespace Actors.Cli.Runs;

/// <summary>What the composition root chooses: device, link, clock and the size of traces.</summary>
internal sealed class Composition
{
    /// <summary>Measures time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes the device that the configuration names.</summary>
    public Func<IBackend> MakeBackend { get; init; } = static () => new CpuBackend();

    /// <summary>Makes a link between ranks of this process.</summary>
    public Func<ITensorLink> MakeLink { get; init; } = static () => new HostLink();

    /// <summary>Events kept for a rank by <c>--trace</c>: about 100 bytes each.</summary>
    public int TraceCapacity { get; init; } = 200_000;

    /// <summary>
    /// What the actors' system is like unless a profile says otherwise. Failures reach the user as one line of the run, so its own
    /// log is silent.
    /// </summary>
    private const string SystemDefaults = "akka { loglevel = OFF, stdout-loglevel = OFF }";

    /// <summary>Starts the actors' system for a plan's ranks.</summary>
    public static ActorSystem StartSystem(LayeredConfiguration configuration, DispatcherSettings dispatcher, RunPlan plan) =>
        ActorSystem.Create(
            "actors",
            configuration.Merged
                .WithFallback(RankDispatcher.For(plan.Ranks, dispatcher.Threads))
                .WithFallback(ConfigurationFactory.ParseString(SystemDefaults)));
}
