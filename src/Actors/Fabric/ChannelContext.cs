using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Fabric;

/// <summary>What the four roles of one channel actor share: who it is, the data plane, and where its messages go.</summary>
internal sealed class ChannelContext
{
    private readonly IActorRef _self;
    private readonly GroupAddresses _addresses;
    private readonly IActorRef[] _windows;
    private readonly IActorRef[] _stage;
    private readonly TimeProvider _time;
    private readonly MessageCache<ChannelDelivered> _delivered;
    private readonly MessageCache<PartialsRead> _partialsRead;
    private readonly MessageCache<CombineCompleted> _combined;

    public ChannelContext(
        int rank, int channel, FabricMemory memory, ITensorLink link, GroupAddresses addresses, IActorRef self, TrafficCounters traffic, TimeProvider time)
    {
        Rank = rank;
        Channel = channel;
        Memory = memory;
        Link = link;
        Traffic = traffic;
        Node = memory.Shape.NodeOf(rank);
        Local = memory.Shape.LocalOf(rank);
        _self = self;
        _addresses = addresses;
        _time = time;
        _stage = [addresses.Stages[rank]];
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

    public FabricMemory Memory { get; }

    public GroupShape Shape => Memory.Shape;

    public ITensorLink Link { get; }

    public TrafficCounters Traffic { get; }

    /// <summary>The rank with this rank's in-node index on another node: the other end of the slow hop.</summary>
    public int PeerOn(int node) => Shape.RankAt(node, Local);

    public void TellPeer(int node, object message)
    {
        Traffic.SlowMessages++;
        Tell(_addresses.Channels[PeerOn(node)][Channel], message);
    }

    public void TellDelivered(int exchange, ExchangePhase phase, long lastStart) => Tell(_windows, _delivered[exchange, phase], lastStart);

    public void TellPartialsRead(int exchange, ExchangePhase phase)
    {
        foreach (IActorRef window in _windows)
        {
            Tell(window, _partialsRead[exchange, phase]);
        }
    }

    public void TellCombined(int exchange, ExchangePhase phase, long lastStart) =>
        Tell(_stage, _combined[exchange, phase], lastStart);

    public void CountSlow(int rows)
    {
        Traffic.SlowRows += rows;
        Traffic.SlowBytes += (long)rows * Shape.RowBytes;
    }

    public void CountFast(int rows, int rowBytes)
    {
        Traffic.FastRows += rows;
        Traffic.FastBytes += (long)rows * rowBytes;
    }

    /// <summary>Tells, with the time, once the link has moved the rows.</summary>
    private void Tell(IActorRef[] targets, RowsMoved message, long lastStart)
    {
        Traffic.Messages += targets.Length;
        message.LastStart = lastStart;
        var told = new Moved(targets, message, _self, _time);
        if (Link.IsIdle)
        {
            told.Tell();
        }
        else
        {
            Link.Notify(new TellMoved(told));
        }
    }

    /// <summary>Tells once the link has done what was asked of it before.</summary>
    private void Tell(IActorRef target, object message)
    {
        Traffic.Messages++;
        if (Link.IsIdle)
        {
            target.Tell(message, _self);
        }
        else
        {
            Link.Notify(new TellWhenDone(target, message, _self));
        }
    }

    private readonly record struct Moved(IActorRef[] Targets, RowsMoved Message, IActorRef Self, TimeProvider Time)
    {
        public void Tell()
        {
            Message.End = Time.GetTimestamp();
            foreach (IActorRef target in Targets)
            {
                target.Tell(Message, Self);
            }
        }
    }

    private sealed class TellMoved(Moved moved) : IStreamCompletion
    {
        public void Completed(Exception? failure)
        {
            if (failure is null)
            {
                moved.Tell();
            }
            else
            {
                moved.Self.Tell(new LinkFailed(failure.Message), moved.Self);
            }
        }
    }

    private sealed class TellWhenDone(IActorRef target, object message, IActorRef self) : IStreamCompletion
    {
        public void Completed(Exception? failure)
        {
            if (failure is null)
            {
                target.Tell(message, self);
            }
            else
            {
                self.Tell(new LinkFailed(failure.Message), self);
            }
        }
    }
}
