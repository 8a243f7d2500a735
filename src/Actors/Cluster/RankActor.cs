using System.Collections.Immutable;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Dispatching;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Channels;
using Actors.Runtime.Fabric.Experts;
using Actors.Runtime.Pipeline;
using Actors.Tensors;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Cluster;

/// <summary>
/// One rank: parent of its stage, window, expert shard and channels. What they keep of a step cannot be restarted in its midst, so
/// a failure of any of them stops it and is reported: the coordinator ends the step and its model stays as it was.
/// </summary>
internal sealed class RankActor : UntypedActor
{
    private readonly RankResources _resources;
    private readonly IActorRef _leader;
    private readonly ILogger _log;

    /// <summary>Makes a rank.</summary>
    /// <param name="resources">What it is made of.</param>
    /// <param name="leader">Who is told of its failures.</param>
    public RankActor(RankResources resources, IActorRef leader)
    {
        _resources = resources;
        _leader = leader;
        _log = resources.Telemetry.Loggers.CreateLogger(RankLog.Component);
    }

    /// <inheritdoc/>
    protected override void PreStart()
    {
        RankResources resources = _resources;
        NodeFabric fabric = resources.Fabric;
        IActorRef stage = Context.ActorOf(Props.Create(() => new StageActor(resources)), "stage");
        IActorRef window = Context.ActorOf(
            RankDispatcher.BesideComputation(Props.Create(() => new WindowActor(resources.ExpertRank, fabric, resources.ArrivalPool)), Context.System), "window");
        IActorRef shard = Context.ActorOf(Props.Create(() => new ExpertShardActor(resources.ExpertRank, fabric, resources.Experts)), "shard");
        ILogger channelLog = resources.Telemetry.Loggers.CreateLogger(FabricLog.Component);
        var channels = ImmutableArray.CreateBuilder<IActorRef>(fabric.Settings.Channels);
        for (int i = 0; i < fabric.Settings.Channels; i++)
        {
            int channel = i;
            Props props = Props.Create(() => new ChannelActor(
                resources.ExpertRank, channel, fabric, resources.Backend.For(MemoryKind.Rows), resources.MakeLink(), resources.Traffic[channel], resources.Time, channelLog));
            channels.Add(Context.ActorOf(RankDispatcher.BesideComputation(props, Context.System), $"channel-{channel}"));
        }

        RankLog.Placed(_log, resources.Rank, resources.Position.PipelineRank, resources.ExpertRank, fabric.Settings.Channels);
        Context.Parent.Tell(new RankMade(resources.Rank, new RankActors(stage, window, shard, channels.MoveToImmutable())), Self);
    }

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(
        failure =>
        {
            Exception cause = failure is ActorInitializationException { InnerException: { } inner } ? inner : failure;
            RankLog.Failed(_log, _resources.Rank, cause.Message, cause);
            _leader.Tell(new RankFailed(_resources.Rank, cause.Message, cause.ToString()), Self);
            return Directive.Stop;
        },
        loggingEnabled: false);

    /// <inheritdoc/>
    protected override void OnReceive(object message) => Unhandled(message);
}
