using Actors.Runtime.Diagnostics;
using Actors.Runtime.Pipeline;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Cluster;

/// <summary>
/// A node of the run: makes the ranks that the coordinator places on it. A rank that cannot be made or fails itself is stopped
/// and reported.
/// </summary>
/// <param name="ranks">What the node's ranks are made of.</param>
/// <param name="telemetry">Where the run logs and counts.</param>
internal sealed class NodeActor(IReadOnlyDictionary<int, RankResources> ranks, Telemetry telemetry) : UntypedActor
{
    private readonly ILogger _log = telemetry.Loggers.CreateLogger(RankLog.Component);
    private IActorRef _coordinator = ActorRefs.Nobody;
    private int _placing;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is not PlaceRanks place)
        {
            Unhandled(message);
            return;
        }

        IActorRef coordinator = Sender;
        _coordinator = coordinator;
        foreach (int rank in place.Ranks)
        {
            _placing = rank;
            RankResources resources = ranks[rank];
            Context.ActorOf(Props.Create(() => new RankActor(resources, coordinator)), $"rank-{rank}");
        }
    }

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(
        failure =>
        {
            Exception cause = failure is ActorInitializationException { InnerException: { } inner } ? inner : failure;
            RankLog.CannotBeMade(_log, _placing, cause.Message, cause);
            _coordinator.Tell(new RankFailed(_placing, $"cannot be made: {cause.Message}", cause.ToString()), Self);
            return Directive.Stop;
        },
        loggingEnabled: false);
}
