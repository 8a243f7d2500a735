using System.Collections.Immutable;
using Akka.Actor;

namespace Actors.Runtime.Cluster;

/// <summary>Coordinator → node: make the actors of these ranks.</summary>
/// <param name="Ranks">Numbers in the run.</param>
public sealed record PlaceRanks(ImmutableArray<int> Ranks);

/// <summary>Rank → coordinator: its actors live.</summary>
/// <param name="Rank">Number in the run.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Window">The window.</param>
/// <param name="Shard">The expert shard.</param>
/// <param name="Channels">The channels, in order.</param>
public sealed record RankPlaced(int Rank, IActorRef Stage, IActorRef Window, IActorRef Shard, ImmutableArray<IActorRef> Channels);

/// <summary>Rank → coordinator: one of its actors failed; the step cannot end.</summary>
/// <param name="Rank">Number in the run.</param>
/// <param name="Reason">Which part of the rank, at what, and why, one line.</param>
/// <param name="Detail">The failure with its stack trace.</param>
public sealed record RankFailed(int Rank, string Reason, string Detail);
