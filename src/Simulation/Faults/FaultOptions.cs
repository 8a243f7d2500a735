using Actors.Tensors;

namespace Actors.Simulation.Faults;

/// <summary>What histories are made of.</summary>
public sealed record FaultOptions
{
    /// <summary>Makes the device that ranks compute with, one for each thread.</summary>
    public required Func<IBackend> MakeBackend { get; init; }

    /// <summary>Makes a link inside a process.</summary>
    public required Func<ITensorLink> MakeLink { get; init; }

    /// <summary>Whether ranks run ahead of their device, as of a GPU: its work and that of links takes virtual time.</summary>
    public bool OrdersStreams { get; init; }

    /// <summary>Whether processes share the memory of their rings, as those of one host do.</summary>
    public bool SharesMemory { get; init; }

    /// <summary>Processes of the cluster, 3 to 4.</summary>
    public required int Processes { get; init; }

    /// <summary>Steps of the run.</summary>
    public required int Steps { get; init; }

    /// <summary>What histories have beside training and faults; null: each what its seed draws.</summary>
    public HistoryParts? Parts { get; init; }

    /// <summary>What the test of the checkers breaks; null: nothing.</summary>
    public Sabotage? Sabotage { get; init; }
}
