using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;

namespace Actors.Simulation.Turns;

/// <summary>Hands the loop to an actor system when it is made.</summary>
/// <param name="loop">Runs every actor of the system.</param>
public sealed class SimulationSetup(SimulationLoop loop) : Setup
{
    /// <summary>Runs every actor of the system.</summary>
    public SimulationLoop Loop { get; } = loop;

    /// <summary>The loop that a system was made with.</summary>
    /// <exception cref="ConfigurationException">It was made without.</exception>
    internal static SimulationLoop LoopOf(Settings settings) => settings.Setup.Get<SimulationSetup>() is { HasValue: true, Value: { } setup }
        ? setup.Loop
        : throw new ConfigurationException($"The actor system has no {nameof(SimulationSetup)}: make it with one.");
}
