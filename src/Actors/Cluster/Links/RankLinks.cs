using System.Collections.Immutable;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Peers;
using Actors.Runtime.Placement;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Links;

/// <summary>
/// The ways from the ranks of this process to those of others: whatever an actor tells a rank elsewhere crosses a link as a frame, and
/// a frame that arrives becomes the message that the local actor would have got inside one process.
/// </summary>
internal sealed class RankLinks
{
    private readonly ILinkedRanks _host;
    private readonly Func<int, PeerLink> _linkOf;
    private readonly FrameSender _sender;

    /// <summary>Joins a process's share of a run to the others.</summary>
    /// <param name="host">What lives here.</param>
    /// <param name="epoch">The placement's; frames of another are refused.</param>
    /// <param name="linkOf">The link to the process that has a node of the plan.</param>
    public RankLinks(ILinkedRanks host, int epoch, Func<int, PeerLink> linkOf)
    {
        _host = host;
        _linkOf = linkOf;
        _sender = new FrameSender(host, epoch);
    }

    /// <summary>Puts a way into a link where the actors of each rank elsewhere would stand.</summary>
    /// <param name="system">The system of the local actors.</param>
    public void Connect(ActorSystem system)
    {
        for (int rank = 0; rank < _host.Plan.Ranks; rank++)
        {
            if (!_host.IsHere(rank))
            {
                _host.Addresses.Set(rank, ActorsOf(system, rank, _linkOf(_host.Plan.NodeOf(rank))));
            }
        }
    }

    private RankActors ActorsOf(ActorSystem system, int rank, PeerLink link)
    {
        RankPosition at = _host.Plan.PositionOf(rank);
        FabricRings? rings = _host.RingsOf(at);
        var channels = ImmutableArray.CreateBuilder<IActorRef>(_host.Plan.Fabric.Channels);
        for (int channel = 0; channel < _host.Plan.Fabric.Channels; channel++)
        {
            int number = channel;
            channels.Add(new LinkRef(system, $"rank-{rank}-channel-{channel}", message => _sender.TellChannel(link, at, number, rings, message)));
        }

        return new RankActors(
            new LinkRef(system, $"rank-{rank}-stage", message => _sender.TellStage(link, rank, message)),
            new LinkRef(system, $"rank-{rank}-window", message => _sender.TellWindow(link, rank, message)),
            ActorRefs.Nobody,
            channels.MoveToImmutable());
    }
}
