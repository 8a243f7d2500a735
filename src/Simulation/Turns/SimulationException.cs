namespace Actors.Simulation.Turns;

/// <summary>A simulated run that did not end as it must; the message names the seed that repeats it.</summary>
/// <param name="seed">The seed.</param>
/// <param name="reason">What went wrong, one line.</param>
/// <param name="cause">What threw; null where nothing did.</param>
public sealed class SimulationException(ulong seed, string reason, Exception? cause = null) : Exception($"seed {seed}: {reason}", cause)
{
    /// <summary>What repeats the run.</summary>
    public ulong Seed { get; } = seed;
}
