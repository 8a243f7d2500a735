using Akka.Actor;

namespace Actors.Runtime.Fabric;

/// <summary>Where the actors of an expert group live; told to each of them once all exist.</summary>
/// <param name="Stages">Stage of each rank: plays the timetable, owns tokens.</param>
/// <param name="Shards">Expert shard of each rank.</param>
/// <param name="Channels">Channels of each rank, channel by channel.</param>
public sealed record GroupAddresses(
    IReadOnlyList<IActorRef> Stages, IReadOnlyList<IActorRef> Shards, IReadOnlyList<IReadOnlyList<IActorRef>> Channels);
