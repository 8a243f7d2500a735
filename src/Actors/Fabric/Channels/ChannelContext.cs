using Actors.Runtime.Fabric.Layout;
using Actors.Runtime.Peers;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Fabric.Channels;

/// <summary>What the four roles of one channel actor share: who it is, the data plane, and where its messages go.</summary>
internal sealed class ChannelContext
{
    private readonly IActorRef _self;
    private readonly IActorRef[][] _peers;
    private readonly IActorRef[] _windows;
    private readonly IActorRef[] _stage;
    private readonly TimeProvider _time;
    private readonly MessageCache<ChannelDelivered> _delivered;
    private readonly MessageCache<PartialsRead> _partialsRead;
    private readonly MessageCache<CombineCompleted> _combined;

    public ChannelContext(
        int rank, int channel, NodeFabric memory, ITensorLink link, GroupAddresses addresses, IActorRef self, TrafficCounters traffic, TimeProvider time)
    {
        Rank = rank;
        Channel = channel;
        Memory = memory;
        Link = link;
        Traffic = traffic;
        Node = memory.Shape.NodeOf(rank);
        Local = memory.Shape.LocalOf(rank);
        _self = self;
        _time = time;
        _stage = [addresses.Stages[rank]];
        _peers = new IActorRef[memory.Shape.Nodes][];
        for (int node = 0; node < _peers.Length; node++)
        {
            _peers[node] = [addresses.Channels[PeerOn(node)][channel]];
        }

        _windows = new IActorRef[memory.Shape.RanksPerNode];
        for (int local = 0; local < _windows.Length; local++)
        {
            _windows[local] = addresses.Windows[memory.Shape.RankAt(Node, local)];
        }

        _delivered = new(memory.Exchanges, static (exchange, phase) => new ChannelDelivered(exchange, phase));
        _partialsRead = new(memory.Exchanges, static (exchange, phase) => new PartialsRead(exchange, phase));
        _combined = new(memory.Exchanges, static (exchange, phase) => new CombineCompleted(exchange, phase));
    }

    public int Rank { get; }

    public int Channel { get; }

    public int Node { get; }

    public int Local { get; }

    public NodeFabric Memory { get; }

    public GroupShape Shape => Memory.Shape;

    public ITensorLink Link { get; }

    public TrafficCounters Traffic { get; }

    /// <summary>The rank with this rank's in-node index on another node: the other end of the slow hop.</summary>
    public int PeerOn(int node) => Shape.RankAt(node, Local);

    public void TellPeer(int node, object message)
    {
        Traffic.SlowMessages++;
        Tell(_peers[node], message);
    }

    public void TellDelivered(int exchange, ExchangePhase phase, long lastStart) => TellMoved(_windows, _delivered[exchange, phase], lastStart);

    public void TellPartialsRead(int exchange, ExchangePhase phase) => Tell(_windows, _partialsRead[exchange, phase]);

    public void TellCombined(int exchange, ExchangePhase phase, long lastStart) => TellMoved(_stage, _combined[exchange, phase], lastStart);

    public void CountSlow(int rows, RowForm form)
    {
        Traffic.SlowRows += rows;
        Traffic.SlowBytes += (long)rows * form.Bytes;
    }

    public void CountFast(int rows, RowForm form)
    {
        Traffic.FastRows += rows;
        Traffic.FastBytes += (long)rows * form.Bytes;
    }

    private void TellMoved(IActorRef[] targets, RowsMoved message, long lastStart)
    {
        message.LastStart = lastStart;
        Tell(targets, message);
    }

    /// <summary>Tells once the link has done what was asked of it before.</summary>
    private void Tell(IActorRef[] targets, object message)
    {
        Traffic.Messages += targets.Length;
        if (Link.IsIdle)
        {
            Deliver(targets, message);
        }
        else
        {
            Link.Notify(new TellWhenDone(this, targets, message));
        }
    }

    private void Deliver(IActorRef[] targets, object message)
    {
        if (message is RowsMoved moved)
        {
            moved.End = _time.GetTimestamp();
        }

        foreach (IActorRef target in targets)
        {
            target.Tell(message, _self);
        }
    }

    private sealed class TellWhenDone(ChannelContext context, IActorRef[] targets, object message) : IStreamCompletion
    {
        public void Completed(Exception? failure)
        {
            try
            {
                if (failure is null)
                {
                    context.Deliver(targets, message);
                    return;
                }
            }
            catch (PeerLinkException refused)
            {
                // The thread is the backend's: the actor fails in its place, as it would have in its own turn.
                failure = refused;
            }

            context._self.Tell(new LinkFailed(failure.Message), context._self);
        }
    }
}
