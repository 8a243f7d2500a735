using Actors.Runtime.Diagnostics;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Cluster;

/// <summary>
/// A node of the run: makes the ranks that the coordinator places on it. A rank that cannot be made or fails itself is stopped
/// and reported.
/// </summary>
/// <param name="memory">Data plane of the process.</param>
public sealed class NodeActor(RankMemory memory) : UntypedActor
{
    private readonly ILogger _log = memory.Telemetry.Loggers.CreateLogger(RankLog.Component);
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
            Context.ActorOf(Props.Create(() => new RankActor(rank, memory, coordinator)), $"rank-{rank}");
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
