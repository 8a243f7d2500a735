using Actors.Runtime.Cluster.Processes;
using Akka.Actor;

namespace Actors.Simulation.Faults;

/// <summary>
/// Parent of a simulated process's actors: the project's own, and in the place of Akka's cluster singleton what leads to the leader: a
/// request waits until the process that leads is known and leads.
/// </summary>
internal sealed class ProcessRoot : UntypedActor
{
    private readonly SimulatedProcess _process;
    private readonly ProcessParts _parts;
    private readonly SimulatedMembers _members;
    private readonly SimulatedNetwork _network;
    private readonly Action<string> _broken;

    public ProcessRoot(SimulatedProcess process, ProcessParts parts, SimulatedMembers members, SimulatedNetwork network, Action<string> broken) =>
        (_process, _parts, _members, _network, _broken) = (process, parts, members, network, broken);

    /// <summary>The process leads from now on.</summary>
    public sealed record BeginToLead : INoSerializationVerificationNeeded;

    protected override void PreStart()
    {
        (SimulatedProcess process, SimulatedMembers members, SimulatedNetwork network) = (_process, _members, _network);
        _process.Actor = Context.ActorOf(_parts.Process(), ProcessNames.Process);
        _process.Serving = _parts.ServingProcess() is { } serving ? Context.ActorOf(serving, ProcessNames.Serving) : ActorRefs.Nobody;
        IActorRef way = Context.ActorOf(Props.Create(() => new WayToLeader(process, members, network)), "leader-proxy");
        _process.Front = Context.ActorOf(ProcessParts.Front(way), ProcessNames.Front);
    }

    protected override void OnReceive(object message)
    {
        if (message is BeginToLead)
        {
            _process.Leader = Context.ActorOf(_parts.Leader(), ProcessNames.Leader);
        }
        else
        {
            Unhandled(message);
        }
    }

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(
        failure =>
        {
            _broken($"an actor of {_process.Name} failed: {failure}");
            return Directive.Stop;
        },
        loggingEnabled: false);

    private sealed class WayToLeader(SimulatedProcess process, SimulatedMembers members, SimulatedNetwork network) : UntypedActor, IWithTimers
    {
        private const int MostWaiting = 1000;
        private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
        private readonly Queue<(object Message, IActorRef Sender)> _waiting = [];

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => Timers.StartPeriodicTimer(nameof(WayToLeader), nameof(WayToLeader), Interval);

        protected override void OnReceive(object message)
        {
            if (message is not string && _waiting.Count < MostWaiting)
            {
                _waiting.Enqueue((message, Sender));
            }

            if (members.OldestFor(process) is { Leader: { } leader } oldest && (oldest == process || network.Answers(process, oldest)))
            {
                while (_waiting.TryDequeue(out (object Message, IActorRef Sender) next))
                {
                    network.Seen(process, leader).Tell(next.Message, next.Sender);
                }
            }
        }
    }
}
