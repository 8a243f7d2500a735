using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Fabric;

/// <summary>What the four roles of one channel actor share: who it is, the data plane, and where its messages go.</summary>
internal sealed class ChannelContext
{
    private readonly IActorRef _self;
    private readonly GroupAddresses _addresses;
    private readonly MessageCache<ChannelDelivered> _delivered;
    private readonly MessageCache<PartialsRead> _partialsRead;
    private readonly MessageCache<CombineCompleted> _combined;

    public ChannelContext(int rank, int channel, FabricMemory memory, ITensorLink link, GroupAddresses addresses, IActorRef self, TrafficCounters traffic)
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

    public void TellDelivered(int exchange, ExchangePhase phase) => TellShards(_delivered[exchange, phase]);

    public void TellPartialsRead(int exchange, ExchangePhase phase) => TellShards(_partialsRead[exchange, phase]);

    public void TellCombined(int exchange, ExchangePhase phase) => Tell(_addresses.Stages[Rank], _combined[exchange, phase]);

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

    private void TellShards(object message)
    {
        for (int local = 0; local < Shape.RanksPerNode; local++)
        {
            Tell(_addresses.Shards[Shape.RankAt(Node, local)], message);
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
