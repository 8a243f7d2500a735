using System.Collections.Immutable;
using Akka.Actor;

namespace Actors.Runtime.Cluster;

/// <summary>Leader → node: make the actors of these ranks.</summary>
/// <param name="Ranks">Numbers in the run.</param>
public sealed record PlaceRanks(ImmutableArray<int> Ranks);

/// <summary>Rank → its node: its actors live.</summary>
internal sealed record RankMade(int Rank, RankActors Actors) : INoSerializationVerificationNeeded;

/// <summary>Node → leader: a rank's actors live.</summary>
/// <param name="Rank">Number in the run.</param>
/// <param name="Stage">The stage, which is all of a rank that a leader tells anything.</param>
public sealed record RankPlaced(int Rank, IActorRef Stage);

/// <summary>Leader → node: all ranks live, tell yours where the others are.</summary>
public sealed record ConnectRanks;

/// <summary>Node → leader: each actor of its ranks knows where the others are. The first step begins when all nodes have said so.</summary>
/// <param name="Ranks">How many ranks the node has.</param>
public sealed record RanksConnected(int Ranks);

/// <summary>Rank → leader: one of its actors failed; the step cannot end.</summary>
/// <param name="Rank">Number in the run.</param>
/// <param name="Reason">Which part of the rank, at what, and why, one line.</param>
/// <param name="Detail">The failure with its stack trace.</param>
public sealed record RankFailed(int Rank, string Reason, string Detail);
