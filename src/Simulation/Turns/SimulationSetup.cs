using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;

namespace Actors.Simulation.Turns;

/// <summary>Hands the loop to an actor system when it is made.</summary>
/// <param name="loop">Runs every actor of the system.</param>
/// <param name="processOf">The simulated process whose actor has this path; null, or null from it: none, it lives as long as the simulation.</param>
public sealed class SimulationSetup(SimulationLoop loop, Func<ActorPath, ProcessTurns?>? processOf = null) : Setup
{
    /// <summary>Runs every actor of the system.</summary>
    public SimulationLoop Loop { get; } = loop;

    /// <summary>The process that an actor is part of.</summary>
    internal ProcessTurns? ProcessOf(ActorPath path) => processOf?.Invoke(path);

    /// <summary>What a system was made with.</summary>
    /// <exception cref="ConfigurationException">It was made without.</exception>
    internal static SimulationSetup Of(Settings settings) => settings.Setup.Get<SimulationSetup>() is { HasValue: true, Value: { } setup }
        ? setup
        : throw new ConfigurationException($"The actor system has no {nameof(SimulationSetup)}: make it with one.");
}
