using Actors.Runtime.Fabric.Layout;
using Akka.Actor;

namespace Actors.Runtime.Fabric;

/// <summary>Where the actors of an expert group live; told to each of them once all exist.</summary>
/// <param name="Stages">Stage of each rank: plays the timetable, owns tokens.</param>
/// <param name="Windows">Window of each rank: makes room for rows and announces them.</param>
/// <param name="Shards">Expert shard of each rank: computes.</param>
/// <param name="Channels">Channels of each rank, channel by channel.</param>
public sealed record GroupAddresses(
    IReadOnlyList<IActorRef> Stages,
    IReadOnlyList<IActorRef> Windows,
    IReadOnlyList<IActorRef> Shards,
    IReadOnlyList<IReadOnlyList<IActorRef>> Channels) : INoSerializationVerificationNeeded
{
    /// <summary>Tells all channels of a rank's node.</summary>
    internal void TellNode(GroupShape shape, int rank, object message, IActorRef sender)
    {
        int node = shape.NodeOf(rank);
        for (int local = 0; local < shape.RanksPerNode; local++)
        {
            TellChannels(shape.RankAt(node, local), message, sender);
        }
    }

    /// <summary>Tells all channels of a rank.</summary>
    internal void TellChannels(int rank, object message, IActorRef sender)
    {
        IReadOnlyList<IActorRef> channels = Channels[rank];
        for (int channel = 0; channel < channels.Count; channel++)
        {
            channels[channel].Tell(message, sender);
        }
    }
}

/// <summary>Stage, window, shard or channel → who told it addresses: it has them. The first step begins when all have.</summary>
public sealed record AddressesTaken : INoSerializationVerificationNeeded
{
    /// <summary>The message.</summary>
    public static AddressesTaken Instance { get; } = new();
}
