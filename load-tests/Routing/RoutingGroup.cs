using Actors.LoadTests.Measuring;
using Actors.Runtime.Cluster;
using Actors.Runtime.Cluster.Links;
using Actors.Runtime.Fabric;
using Akka.Actor;

namespace Actors.LoadTests.Routing;

/// <summary>The actors of a process's ranks in one actor system.</summary>
internal sealed class RoutingGroup : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly ActorSystem _system;
    private readonly IRoutingPlane _plane;
    private readonly TaskCompletionSource<IReadOnlyList<IActorRef>> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes the actors in a system of their own.</summary>
    /// <param name="plane">Their memory.</param>
    /// <param name="links">Leads to ranks of other processes; null: all are here.</param>
    public RoutingGroup(IRoutingPlane plane, RankLinks? links = null)
        : this(plane, MeasuredSystem.Start("routing", plane.Ranks.Count), links)
    {
    }

    /// <summary>Makes the actors.</summary>
    /// <param name="plane">Their memory.</param>
    /// <param name="system">Where they live; ends with this.</param>
    /// <param name="links">Leads to ranks of other processes; null: all are here.</param>
    public RoutingGroup(IRoutingPlane plane, ActorSystem system, RankLinks? links = null)
    {
        (_plane, _system) = (plane, system);
        links?.Connect(_system);
        _system.ActorOf(Props.Create(() => new Guardian(this)), "group");
    }

    /// <summary>Whether the actors know where the others are, or have failed before.</summary>
    public bool IsReady => _ready.Task.IsCompleted;

    /// <summary>The stages of this process's ranks; waits until they know where the others are.</summary>
    public IReadOnlyList<IActorRef> Stages => _ready.Task.WaitAsync(Patience).GetAwaiter().GetResult();

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
        private int _told;

        protected override void PreStart()
        {
            IRoutingPlane plane = group._plane;
            foreach (int rank in plane.Ranks)
            {
                plane.Addresses.Set(rank, plane.Make(Context, rank));
            }

            foreach (int rank in plane.Ranks)
            {
                RankActors actors = plane.Addresses[rank];
                GroupAddresses addresses = plane.Addresses.GroupOf(rank);
                foreach (IActorRef actor in ((IActorRef[])[actors.Stage, actors.Window, actors.Shard, .. actors.Channels]).Where(actor => !actor.IsNobody()))
                {
                    actor.Tell(addresses, Self);
                    _told++;
                }
            }
        }

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(failure =>
        {
            group.Failed(failure);
            return Directive.Stop;
        });

        /// <summary>All say that they have the addresses: a rank that allocates meanwhile would be held up by one whose device waits for it already.</summary>
        protected override void OnReceive(object message)
        {
            if (message is not AddressesTaken)
            {
                Unhandled(message);
            }
            else if (--_told == 0)
            {
                group._ready.TrySetResult([.. group._plane.Ranks.Select(rank => group._plane.Addresses[rank].Stage)]);
            }
        }
    }
}
