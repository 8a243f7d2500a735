using System.Collections.Immutable;
using Actors.Runtime.Cluster.Serialization;
using Akka.Actor;
using MemoryPack;

namespace Actors.Runtime.Cluster;

/// <summary>Leader → node: make the actors of these ranks.</summary>
/// <param name="Ranks">Numbers in the run.</param>
[MemoryPackable]
public sealed partial record PlaceRanks(ImmutableArray<int> Ranks) : IControlMessage;

/// <summary>Rank → its node: its actors live.</summary>
internal sealed record RankMade(int Rank, RankActors Actors) : INoSerializationVerificationNeeded;

/// <summary>Node → leader: a rank's actors live.</summary>
/// <param name="Rank">Number in the run.</param>
/// <param name="Stage">The stage, which is all of a rank that a leader tells anything.</param>
[MemoryPackable]
public sealed partial record RankPlaced(int Rank, [property: MemoryPackAllowSerialize] IActorRef Stage) : IControlMessage;

/// <summary>Leader → node: all ranks live, tell yours where the others are.</summary>
[MemoryPackable]
public sealed partial record ConnectRanks : IControlMessage;

/// <summary>Node → leader: each actor of its ranks knows where the others are. The first step begins when all nodes have said so.</summary>
/// <param name="Ranks">How many ranks the node has.</param>
[MemoryPackable]
public sealed partial record RanksConnected(int Ranks) : IControlMessage;

/// <summary>Rank → leader: one of its actors failed; the step cannot end.</summary>
/// <param name="Rank">Number in the run.</param>
/// <param name="Reason">Which part of the rank, at what, and why, one line.</param>
/// <param name="Detail">The failure with its stack trace.</param>
[MemoryPackable]
public sealed partial record RankFailed(int Rank, string Reason, string Detail) : IControlMessage;
