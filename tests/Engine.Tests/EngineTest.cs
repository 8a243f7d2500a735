using Akka.Actor;
#if !AKKA_NET
using Akka.Actor.Setup;
#endif
using Akka.Configuration;

namespace Akka.Tests;

/// <summary>A test with a system of its own, in virtual time and without log lines, that ends with the test.</summary>
public abstract class EngineTest : IAsyncLifetime
{
    private readonly List<ActorSystem> _systems = [];

    /// <summary>The system, started when first asked for.</summary>
    protected ActorSystem System => field ??= Start(Settings);

    /// <summary>The system's time.</summary>
#if AKKA_NET
    protected VirtualScheduler Time => (VirtualScheduler)System.Scheduler;
#else
    protected VirtualScheduler Time { get; } = new();
#endif

    /// <summary>What differs from the defaults in the system's configuration.</summary>
    protected virtual string Settings => string.Empty;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (ActorSystem system in _systems)
        {
            await system.Terminate().WaitAsync(Probe.Limit);
        }
    }

    /// <summary>Starts a further system, on the same time.</summary>
    protected ActorSystem Start(string settings)
    {
        Config config = ConfigurationFactory.ParseString(settings).WithFallback(ConfigurationFactory.ParseString("akka.loglevel = OFF, akka.stdout-loglevel = OFF"));
#if AKKA_NET
        Config time = ConfigurationFactory.ParseString($"akka.scheduler.implementation = \"{typeof(VirtualScheduler).AssemblyQualifiedName}\"");
        ActorSystem system = ActorSystem.Create("test", config.WithFallback(time));
#else
        ActorSystem system = ActorSystem.Create("test", ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig(config), new RuntimeSetup { Scheduler = Time }));
#endif
        _systems.Add(system);
        return system;
    }

    private protected Probe NewProbe(string? name = null) => new(System, name);
}
