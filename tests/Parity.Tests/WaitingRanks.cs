namespace Actors.Parity.Tests;

/// <summary>Tests whose ranks wait for each other on GPUs: what another test allocates meanwhile may wait for them, with the driver's locks.</summary>
[CollectionDefinition(nameof(WaitingRanks), DisableParallelization = true)]
public static class WaitingRanks;
