using Actors.Cpu;
using Actors.LoadTests.Measuring;
using Actors.Runtime.Cluster;
using Actors.Runtime.Cluster.Links;
using Actors.Runtime.Dispatching;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Channels;
using Actors.Runtime.Fabric.Experts;
using Akka.Actor;

namespace Actors.LoadTests.Routing;

/// <summary>The actors of a process's ranks in one actor system.</summary>
internal sealed class RoutingGroup : IDisposable
{
    private readonly ActorSystem _system;
    private readonly RoutingPlane _plane;
    private readonly TaskCompletionSource<IReadOnlyList<IActorRef>> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes the actors; they know where the others are when this returns.</summary>
    /// <param name="plane">Their memory.</param>
    /// <param name="links">Leads to ranks of other processes; null: all are here.</param>
    public RoutingGroup(RoutingPlane plane, RankLinks? links = null)
    {
        _plane = plane;
        _system = MeasuredSystem.Start("routing", plane.Ranks.Count);
        links?.Connect(_system);
        _system.ActorOf(Props.Create(() => new Guardian(this)), "group");
        Stages = _ready.Task.WaitAsync(TimeSpan.FromMinutes(1)).GetAwaiter().GetResult();
    }

    /// <summary>The stages of this process's ranks.</summary>
    public IReadOnlyList<IActorRef> Stages { get; }

    /// <summary>Ends with the failure of an actor.</summary>
    public Task Failure => _failure.Task;

    /// <summary>Makes an actor beside the group's.</summary>
    public IActorRef Add(Props props) => _system.ActorOf(props);

    public void Dispose() => _system.Dispose();

    private void Failed(Exception failure)
    {
        var known = new CheckFailedException($"An actor failed: {failure.Message}");
        _ready.TrySetException(known);
        _failure.TrySetException(known);
    }

    /// <summary>Parent of the group's actors: a failure of any ends the test.</summary>
    private sealed class Guardian(RoutingGroup group) : UntypedActor
    {
        protected override void PreStart()
        {
            RoutingPlane plane = group._plane;
            foreach (int rank in plane.Ranks)
            {
                plane.Addresses.Set(rank, Make(plane, rank));
            }

            foreach (int rank in plane.Ranks)
            {
                RankActors actors = plane.Addresses[rank];
                GroupAddresses addresses = plane.Addresses.GroupOf(rank);
                foreach (IActorRef actor in (IActorRef[])[actors.Stage, actors.Window, actors.Shard, .. actors.Channels])
                {
                    actor.Tell(addresses, Self);
                }
            }

            group._ready.SetResult([.. plane.Ranks.Select(rank => plane.Addresses[rank].Stage)]);
        }

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(failure =>
        {
            group.Failed(failure);
            return Directive.Stop;
        });

        /// <summary>Windows, shards and channels say that they have the addresses: what is sent later comes later.</summary>
        protected override void OnReceive(object message)
        {
            if (message is not AddressesTaken)
            {
                Unhandled(message);
            }
        }

        private static RankActors Make(RoutingPlane plane, int rank)
        {
            int channels = plane.Options.Fabric.Channels;
            return new RankActors(
                Context.ActorOf(Props.Create(() => new RankActor(rank, plane)), $"rank-{rank}"),
                Context.ActorOf(
                    RankDispatcher.BesideComputation(Props.Create(() => new WindowActor(rank, plane.FabricOf(rank), plane.Pool)), Context.System), $"window-{rank}"),
                Context.ActorOf(Props.Create(() => new ExpertShardActor(rank, plane.FabricOf(rank), plane.Experts[rank])), $"shard-{rank}"),
                [.. Enumerable.Range(0, channels).Select(channel =>
                {
                    TrafficCounters traffic = plane.Traffic[(rank * channels) + channel];
                    Props props = Props.Create(() => new ChannelActor(
                        rank, channel, plane.FabricOf(rank), plane.Backend, new HostLink(), traffic, TimeProvider.System, null));
                    return Context.ActorOf(RankDispatcher.BesideComputation(props, Context.System), $"channel-{rank}-{channel}");
                })]);
        }
    }
}
