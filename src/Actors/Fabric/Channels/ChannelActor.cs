using Actors.Runtime.Diagnostics;
using Actors.Tensors;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Runtime.Fabric.Channels;

/// <summary>
/// One communication channel of a rank. It carries a contiguous range of the rank's tokens, and forwards for the channels of
/// the same number at the ranks with the same index on other nodes. It never waits: each message moves what can be moved.
/// </summary>
public sealed class ChannelActor : UntypedActor
{
    private readonly int _rank;
    private readonly int _channel;
    private readonly NodeFabric _memory;
    private readonly IBackend _backend;
    private readonly ITensorLink _link;
    private readonly TrafficCounters _traffic;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private DispatchSender? _sender;
    private DispatchForwarder? _forwarder;
    private CombineForwarder? _combiner;
    private CombineReceiver? _receiver;

    /// <summary>Makes the channel; it works once it was told the <see cref="GroupAddresses"/>.</summary>
    /// <param name="rank">Rank in the group.</param>
    /// <param name="channel">Number of the channel.</param>
    /// <param name="memory">The node's places.</param>
    /// <param name="backend">Where scratch memory lies.</param>
    /// <param name="link">Moves the rows; this channel's own.</param>
    /// <param name="traffic">Where the channel counts.</param>
    /// <param name="time">The run's clock.</param>
    /// <param name="log">Where it logs; null: nowhere.</param>
    public ChannelActor(
        int rank, int channel, NodeFabric memory, IBackend backend, ITensorLink link, TrafficCounters traffic, TimeProvider time,
        ILogger? log = null)
    {
        _rank = rank;
        _channel = channel;
        _memory = memory;
        _backend = backend;
        _link = link;
        _traffic = traffic;
        _time = time;
        _log = log ?? NullLogger.Instance;
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        try
        {
            Handle(message);
        }
        catch (Exception failure)
        {
            throw new RankPartException($"channel {_channel}, {message.GetType().Name}", failure);
        }
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _receiver?.Dispose();
        _link.Dispose();
        FabricLog.Stops(_log, _channel, _rank, _traffic.SlowRows, _traffic.FastRows, _traffic.CreditWaits);
    }

    private void Handle(object message)
    {
        if (message is GroupAddresses addresses)
        {
            Connect(addresses);
            Sender.Tell(AddressesTaken.Instance, Self);
            return;
        }

        if (_sender is null)
        {
            throw new InvalidOperationException($"Channel {_channel} of rank {_rank} got {message.GetType().Name} before its group's addresses.");
        }

        switch (message)
        {
            case ChunkArrived { Kind: RingKind.Dispatch } chunk:
                _forwarder!.Arrived(chunk.Node, chunk.Slot);
                break;
            case ChunkArrived chunk:
                _receiver!.Arrived(chunk.Node, chunk.Slot);
                break;
            case SlotReleased { Kind: RingKind.Dispatch } credit:
                _sender.Credit(credit.Node, credit.Slot);
                break;
            case SlotReleased credit:
                _combiner!.Credit(credit.Node, credit.Slot);
                break;
            case StartDispatch start:
                _receiver!.Start(start.Exchange, start.Phase);
                _sender.Start(start.Exchange, start.Phase, start.LastStart);
                _forwarder!.Start(start.Exchange, start.Phase, start.LastStart);
                break;
            case ReceiverReady ready:
                _forwarder!.ReceiverReady(ready);
                break;
            case PartialsReady ready:
                _combiner!.PartialsReady(ready.Exchange, ready.Phase, ready.LastStart);
                break;
            case LinkFailed failure:
                throw new InvalidOperationException($"the link failed: {failure.Reason}");
            default:
                Unhandled(message);
                break;
        }
    }

    private void Connect(GroupAddresses addresses)
    {
        var context = new ChannelContext(_rank, _channel, _memory, _link, addresses, Self, _traffic, _time);
        _sender = new DispatchSender(context);
        _forwarder = new DispatchForwarder(context);
        _receiver = new CombineReceiver(context, _backend);
        _combiner = new CombineForwarder(context, _forwarder, _receiver);
        _receiver.Connect(_combiner);
        FabricLog.Connected(_log, _channel, _rank, _memory.Shape.Nodes, _memory.Settings.SlotsPerRing);
    }
}
