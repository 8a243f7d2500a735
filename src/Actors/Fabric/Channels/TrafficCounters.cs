namespace Actors.Runtime.Fabric.Channels;

/// <summary>
/// What a channel has moved since its start. Written by the channel's actor only; others read it when no exchange is under
/// way, or take a slightly old value.
/// </summary>
public sealed class TrafficCounters
{
    /// <summary>Rows that crossed to another node (dispatch and combine).</summary>
    public long SlowRows { get; internal set; }

    /// <summary>Bytes of those rows.</summary>
    public long SlowBytes { get; internal set; }

    /// <summary>Rows copied or read inside the node.</summary>
    public long FastRows { get; internal set; }

    /// <summary>Bytes of those rows.</summary>
    public long FastBytes { get; internal set; }

    /// <summary>Messages sent by the channel.</summary>
    public long Messages { get; internal set; }

    /// <summary>Those of them that went to another node.</summary>
    public long SlowMessages { get; internal set; }

    /// <summary>Times that a chunk had to wait for a credit.</summary>
    public long CreditWaits { get; internal set; }

    /// <summary>Exchanges whose rows wait to cross to another node, an exchange counted once a node.</summary>
    public long WaitingExchanges { get; internal set; }
}
