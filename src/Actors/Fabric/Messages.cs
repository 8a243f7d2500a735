using Akka.Actor;

namespace Actors.Runtime.Fabric;

// These name places in the memory of a process by number and mean nothing outside it: they are never serialized.

/// <summary>Which way through a layer an exchange serves.</summary>
public enum ExchangePhase
{
    /// <summary>Tokens go out to the experts, weighted outputs come back.</summary>
    Forward,

    /// <summary>Output gradients go out over the same layout, input gradients come back.</summary>
    Backward,
}

/// <summary>Which of a channel's rings is meant.</summary>
public enum RingKind
{
    /// <summary>Rows on their way to experts; lies at the forwarder.</summary>
    Dispatch,

    /// <summary>A node's sums on their way back; lies at the tokens' source.</summary>
    Combine,
}

/// <summary>
/// A message about an exchange that carries a time. It is made once and sent again in every step. Its sender may change the time, since
/// an exchange is used again only when all receivers have handled the messages of its last use.
/// </summary>
public abstract record ExchangeMoment(int Exchange, ExchangePhase Phase) : INoSerializationVerificationNeeded
{
    /// <summary>When the last of the ranks that send the rows began to, in ticks of the run's clock.</summary>
    public long LastStart { get; internal set; }
}

/// <summary>Rows of an exchange have been written. It carries the time of writing, since the receiver may handle it much later.</summary>
public abstract record RowsMoved(int Exchange, ExchangePhase Phase) : ExchangeMoment(Exchange, Phase)
{
    /// <summary>When the last row was written, in ticks of the run's clock.</summary>
    public long End { get; internal set; }
}

/// <summary>Stage → its channels: the rows and layout of an exchange are in place, send them.</summary>
public sealed record StartDispatch(int Exchange, ExchangePhase Phase) : ExchangeMoment(Exchange, Phase);

/// <summary>
/// Stage → a window of the group: how many rows <paramref name="Source"/> will send. It is made once and sent again in every step: a rank
/// begins an exchange anew only after a step that no rank could end before it had opened its window, and so had read this.
/// </summary>
/// <param name="Exchange">The exchange.</param>
/// <param name="Source">Rank in the group.</param>
/// <param name="Channels">Channels of a rank.</param>
public sealed record HeaderArrived(int Exchange, int Source, int Channels) : INoSerializationVerificationNeeded
{
    private readonly int[] _rows = new int[Channels];

    /// <summary>Rows that come through each channel.</summary>
    public Span<int> RowsByChannel => _rows;
}

/// <summary>Stage → its window: the gradients of an exchange will arrive, make room for them.</summary>
public sealed record PrepareBackward(int Exchange) : INoSerializationVerificationNeeded;

/// <summary>
/// Window → the channels of its node: rows for <paramref name="Rank"/> have reserved places, they may be written. It is made once and sent
/// again in every step, as <see cref="ExchangeMoment"/> is.
/// </summary>
/// <param name="Exchange">The exchange.</param>
/// <param name="Phase">Its phase.</param>
/// <param name="Rank">Rank in the group.</param>
/// <param name="Places">Number of places: a source rank and channel each.</param>
public sealed record ReceiverReady(int Exchange, ExchangePhase Phase, int Rank, int Places) : INoSerializationVerificationNeeded
{
    private readonly int[] _firstRows = new int[Places];

    /// <summary>Forward: the place of the first row that comes from a source through a channel, sources one after the other.</summary>
    public Span<int> FirstRows => _firstRows;
}

/// <summary>Ring writer → ring owner: a slot is filled.</summary>
/// <param name="Kind">Which ring.</param>
/// <param name="Node">The writer's node, which names the ring at its owner.</param>
/// <param name="Slot">The slot.</param>
public sealed record ChunkArrived(RingKind Kind, int Node, int Slot) : INoSerializationVerificationNeeded;

/// <summary>Ring owner → ring writer: a slot was emptied; one credit.</summary>
/// <param name="Kind">Which ring.</param>
/// <param name="Node">The owner's node, which names the ring at its writer.</param>
/// <param name="Slot">The slot.</param>
public sealed record SlotReleased(RingKind Kind, int Node, int Slot) : INoSerializationVerificationNeeded;

/// <summary>Channel → the windows of its node: every row that passes this channel has been written.</summary>
public sealed record ChannelDelivered(int Exchange, ExchangePhase Phase) : RowsMoved(Exchange, Phase);

/// <summary>Window → its stage: all rows of an exchange are there.</summary>
public sealed record RowsArrived(int Exchange, ExchangePhase Phase) : RowsMoved(Exchange, Phase);

/// <summary>Stage → its shard: compute the experts' outputs (forward) or input gradients (backward) now.</summary>
public sealed record RunExperts(int Exchange, ExchangePhase Phase) : INoSerializationVerificationNeeded;

/// <summary>Shard → its stage: <see cref="RunExperts"/> has ended.</summary>
public sealed record ExpertsDone(int Exchange, ExchangePhase Phase) : INoSerializationVerificationNeeded;

/// <summary>Stage → its shard: compute the experts' weight gradients now.</summary>
public sealed record RunExpertWeights(int Exchange) : INoSerializationVerificationNeeded;

/// <summary>Shard → its stage: <see cref="RunExpertWeights"/> has ended.</summary>
public sealed record ExpertWeightsDone(int Exchange) : INoSerializationVerificationNeeded;

/// <summary>Stage → the channels of its node: the partial sums of <paramref name="Rank"/> may be read, the way back begins.</summary>
public sealed record PartialsReady(int Exchange, ExchangePhase Phase, int Rank) : ExchangeMoment(Exchange, Phase);

/// <summary>Channel → the windows of its node: it has read all partial sums of an exchange.</summary>
public sealed record PartialsRead(int Exchange, ExchangePhase Phase) : INoSerializationVerificationNeeded;

/// <summary>Channel → its stage: every token of the channel's range has its sum.</summary>
public sealed record CombineCompleted(int Exchange, ExchangePhase Phase) : RowsMoved(Exchange, Phase);

/// <summary>Link → the channel that used it: moving rows failed; the channel throws and its supervisor decides.</summary>
public sealed record LinkFailed(string Reason) : INoSerializationVerificationNeeded;
