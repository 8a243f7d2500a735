using Actors.Runtime.Diagnostics;
using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Cluster;

/// <summary>
/// A node of the run: makes the ranks that the leader places on it, and tells their actors where those of other ranks are. A rank that
/// cannot be made or fails itself is stopped and reported.
/// </summary>
/// <param name="ranks">What the node's ranks are made of.</param>
/// <param name="addresses">Where the actors of all ranks are.</param>
/// <param name="telemetry">Where the run logs and counts.</param>
internal sealed class NodeActor(IReadOnlyDictionary<int, RankResources> ranks, RankAddresses addresses, Telemetry telemetry) : UntypedActor
{
    private readonly ILogger _log = telemetry.Loggers.CreateLogger(RankLog.Component);
    private IActorRef _leader = ActorRefs.Nobody;
    private int _placing;
    private int _unaware;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PlaceRanks place:
                Place(place, Sender);
                break;
            case RankMade made:
                addresses.Set(made.Rank, made.Actors);
                _leader.Tell(new RankPlaced(made.Rank, made.Actors.Stage), Self);
                break;
            case ConnectRanks:
                Connect();
                break;
            case AddressesTaken when --_unaware == 0:
                _leader.Tell(new RanksConnected(ranks.Count), Self);
                break;
            case AddressesTaken:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(
        failure =>
        {
            Exception cause = failure is ActorInitializationException { InnerException: { } inner } ? inner : failure;
            RankLog.CannotBeMade(_log, _placing, cause.Message, cause);
            _leader.Tell(new RankFailed(_placing, $"cannot be made: {cause.Message}", cause.ToString()), Self);
            return Directive.Stop;
        },
        loggingEnabled: false);

    private void Place(PlaceRanks place, IActorRef leader)
    {
        _leader = leader;
        foreach (int rank in place.Ranks)
        {
            _placing = rank;
            RankResources resources = ranks[rank];
            Context.ActorOf(Props.Create(() => new RankActor(resources, leader)), $"rank-{rank}");
        }
    }

    private void Connect()
    {
        PipelineAddresses pipeline = addresses.Pipeline(_leader);
        foreach (int rank in ranks.Keys)
        {
            RankActors actors = addresses[rank];
            GroupAddresses group = addresses.GroupOf(rank);
            IActorRef[] told = [actors.Window, actors.Shard, .. actors.Channels];
            foreach (IActorRef actor in told)
            {
                actor.Tell(group, Self);
            }

            actors.Stage.Tell(group, Self);
            actors.Stage.Tell(pipeline, Self);

            // The stage answers the last of its two messages.
            _unaware += told.Length + 1;
        }
    }
}
