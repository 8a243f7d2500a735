using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Channels;
using Actors.Runtime.Fabric.Devices;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Pipeline.Exchanges;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.LoadTests.Routing.Devices;

/// <summary>
/// What a rank has for one of the exchanges under way: tokens, windows and a stream, beside which the exchange has one of its own. By flags all lanes of a rank are on
/// one stream: ranks that wait for each other must enqueue in one order.
/// </summary>
internal sealed class DeviceLane : IExchangeRank, IDisposable
{
    private readonly GroupWindows _windows;
    private readonly StageClock _clock;

    /// <summary>Makes the lane of a rank.</summary>
    /// <param name="rank">The rank.</param>
    /// <param name="exchanges">Lanes of a rank; each has the number of its exchange.</param>
    /// <param name="stream">Where the lane computes.</param>
    /// <param name="batch">Its tokens.</param>
    /// <param name="windows">The lane's windows of all ranks.</param>
    /// <param name="experts">The rank's.</param>
    public DeviceLane(int rank, int exchanges, IStream stream, DeviceBatch batch, GroupWindows windows, DeviceIdentityExperts experts)
    {
        (Rank, ExchangeCount, Stream, Batch, _windows, Experts) = (rank, exchanges, stream, batch, windows, experts);
        _clock = new StageClock(Time, trace: null, exchanges, components: 1);
    }

    public int Rank { get; }

    public int ExpertRank => Rank;

    public IBackend Backend => Batch.Backend;

    public IStream Stream { get; }

    public int ExchangeCount { get; }

    public int MaxTokens => Batch.Layer.Tokens;

    public IExchangeShard Experts { get; }

    public TrafficCounters Traffic { get; } = new();

    public TimeProvider Time => TimeProvider.System;

    public DeviceBatch Batch { get; }

    /// <summary>Rows that went to or came from other devices.</summary>
    public long LinkRows { get; private set; }

    /// <summary>Most nodes that a token went to.</summary>
    public int MaxNodesOfToken { get; private set; }

    /// <summary>Makes the lane's exchange, which its windows free.</summary>
    public DeviceExchange Connect(GroupAddresses addresses, IActorRef stage) => new(this, _windows, addresses, _clock, stage);

    /// <summary>Counts an exchange.</summary>
    public void Ended(ExchangeTotals totals)
    {
        MaxNodesOfToken = Math.Max(MaxNodesOfToken, totals.MaxNodesOfToken);
        // Each row that was sent came back as a sum.
        LinkRows += 2 * Batch.RowsToOtherDevices;
    }

    public void Dispose()
    {
        _clock.Dispose();
        Batch.Dispose();
    }
}
