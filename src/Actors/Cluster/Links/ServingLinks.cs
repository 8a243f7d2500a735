using Actors.Runtime.Peers;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Serving;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Links;

/// <summary>
/// The ways between a gateway and the stages of other processes: steps and what was drawn cross as frames of the control lane, written
/// from and to memory that stays in place.
/// </summary>
/// <param name="host">What lives here.</param>
/// <param name="epoch">The placement's.</param>
/// <param name="linkOf">The link to the process that has a node of the plan.</param>
internal sealed class ServingLinks(ServingHost host, int epoch, Func<int, PeerLink> linkOf)
{
    /// <summary>Bits of a step's frame: whether it is a prefill, and whether outputs are checked.</summary>
    public const int PrefillBit = 1, ChecksBit = 2;

    /// <summary>Joins the process's share to the gateway.</summary>
    /// <param name="system">The system of the local actors.</param>
    /// <param name="gateway">The link to the gateway's process; null where it lives here.</param>
    public void Connect(ActorSystem system, PeerLink? gateway)
    {
        if (gateway is not null)
        {
            host.Addresses.Reports = new LinkRef(system, "gateway", message => TellGateway(gateway, message));
            return;
        }

        for (int rank = 0; rank < host.Plan.Ranks; rank++)
        {
            if (!host.IsHere(rank))
            {
                (int number, PeerLink link) = (rank, linkOf(host.Plan.NodeOf(rank)));
                host.StepWays[rank] = new LinkRef(system, $"rank-{rank}-steps", message => TellStage(link, number, message));
            }
        }
    }

    private void TellStage(PeerLink link, int rank, object message)
    {
        if (message is not ServeStep step)
        {
            throw new InvalidOperationException($"{message.GetType().Name} cannot cross to rank {rank}, which lives in another process.");
        }

        SequenceBatch batch = step.Batch;
        var frame = new FrameHeader
        {
            Epoch = epoch,
            Target = rank,
            Kind = (int)FrameKind.ServeStep,
            A = batch.Count,
            B = batch.Tokens,
            C = (step.Mode == StepMode.Prefill ? PrefillBit : 0) | (step.ChecksFinite ? ChecksBit : 0),
        };
        Span<PayloadPart> parts = stackalloc PayloadPart[PayloadPart.Most];
        int count = batch.Parts(batch.Count, batch.Tokens, parts);
        link.Send(PeerLink.ControlLane, frame, parts[..count], batch);
    }

    private void TellGateway(PeerLink link, object message)
    {
        if (message is not StageServed served)
        {
            throw new InvalidOperationException($"{message.GetType().Name} cannot cross to the gateway, which lives in another process.");
        }

        var frame = new FrameHeader
        {
            Epoch = epoch,
            Target = served.Rank,
            Kind = (int)FrameKind.StageServed,
            A = served.Count,
            B = served.FirstNonFinitePart ?? -1,
        };
        if (served.Count == 0)
        {
            link.Send(PeerLink.ControlLane, frame);
        }
        else
        {
            link.Send(PeerLink.ControlLane, frame, [served.Part(served.Count)], served);
        }
    }
}
