using System.Globalization;
using Actors.Runtime.Cluster.Serialization;
using Actors.Simulation.Turns;
using Akka.Actor;
using Akka.Configuration;

namespace Actors.Simulation.Faults;

/// <summary>
/// What carries control messages between simulated processes, and decides who reaches whom. A message is written and read by the project's
/// own serializer, so nothing crosses by reference; an actor of another process is a stand-in that sends. Messages from one
/// process to another keep their order and wait while the two don't reach each other.
/// </summary>
internal sealed class SimulatedNetwork
{
    private const char StandInMark = '!';
    private const int MaxMessageBytes = 500_000;
    private readonly SimulationLoop _loop;
    private readonly Dictionary<string, SimulatedProcess> _processes = new(StringComparer.Ordinal);
    private readonly Dictionary<(SimulatedProcess, string), IActorRef> _standIns = [];
    private readonly Dictionary<string, IActorRef> _targets = new(StringComparer.Ordinal);
    private readonly Dictionary<(SimulatedProcess From, SimulatedProcess To), Way> _ways = [];
    private readonly HashSet<(SimulatedProcess, SimulatedProcess)> _closed = [];
    private readonly Sabotage? _sabotage;
    private ControlMessageSerializer? _serializer;
    private ActorSystem? _system;
    private int _sent;

    public SimulatedNetwork(SimulationLoop loop, Sabotage? sabotage) => (_loop, _sabotage) = (loop, sabotage);

    /// <summary>How much longer everything takes than usual, as a power of two.</summary>
    public int Slowness { get; set; }

    /// <summary>The processes that were ever started, by name.</summary>
    public IEnumerable<SimulatedProcess> Processes => _processes.Values;

    /// <summary>Says in which system the actors live.</summary>
    public void Open(ActorSystem system) => (_system, _serializer) = (system, new ControlMessageSerializer(
        (ExtendedActorSystem)system, ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $"max-message-bytes = {MaxMessageBytes}"))));

    public void Add(SimulatedProcess process) => _processes.Add(process.Name, process);

    /// <summary>The process that an actor of this path is part of; its stand-ins for actors of others are too.</summary>
    public SimulatedProcess? ProcessAt(ActorPath path) => NameIn(path) is { } name && _processes.TryGetValue(Owner(name), out SimulatedProcess? process) ? process : null;

    /// <summary>A process by its address.</summary>
    public SimulatedProcess At(Address address) => _processes[address.Host];

    /// <summary>Whether what one sends reaches the other, should it run.</summary>
    public bool Connects(SimulatedProcess one, SimulatedProcess other) => one.Side == other.Side && !_closed.Contains((one, other));

    /// <summary>Whether one answers the other now.</summary>
    public bool Answers(SimulatedProcess one, SimulatedProcess other) => !other.HasEnded && !other.IsPaused && Connects(one, other);

    /// <summary>From now on the two have nothing to do with each other: one has taken the other for dead.</summary>
    public void Close(SimulatedProcess one, SimulatedProcess other)
    {
        _closed.Add((one, other));
        _closed.Add((other, one));
        _ways.Remove((one, other));
        _ways.Remove((other, one));
    }

    /// <summary>Time that something takes on its way: of each magnitude as many, up to some milliseconds.</summary>
    public long DrawDelay() => (long)_loop.Draw(1 << _loop.Draw(15)) << Slowness;

    /// <summary>What two processes can say again after a partition.</summary>
    public void Resume()
    {
        foreach (Way way in _ways.Values)
        {
            for (; way.Stalled > 0; way.Stalled--)
            {
                _loop.At(_loop.Now + DrawDelay(), () => Deliver(way), way.To.Turns);
            }
        }
    }

    /// <summary>An actor as another process sees it: a stand-in that sends; in its own process the actor itself.</summary>
    public IActorRef Seen(SimulatedProcess viewer, IActorRef actor)
    {
        IActorRef target = NameIn(actor.Path) is { } name && _targets.TryGetValue(name, out IActorRef? behind) ? behind : actor;
        if (ProcessAt(target.Path) is not { } owner || owner == viewer)
        {
            return target;
        }

        string path = target.Path.ToSerializationFormat();
        if (!_standIns.TryGetValue((viewer, path), out IActorRef? standIn))
        {
            string standInName = string.Create(CultureInfo.InvariantCulture, $"{viewer.Name}{StandInMark}{_targets.Count}");
            _targets.Add(standInName, target);
            standIn = _system!.ActorOf(Props.Create(() => new StandIn(this, viewer, owner, target)), standInName);
            _standIns.Add((viewer, path), standIn);
        }

        return standIn;
    }

    /// <summary>The process that an actor, or the one that a stand-in stands for, lives in.</summary>
    public SimulatedProcess? HomeOf(IActorRef actor) => ProcessAt((NameIn(actor.Path) is { } name && _targets.TryGetValue(name, out IActorRef? behind) ? behind : actor).Path);

    /// <summary>The actor behind a stand-in.</summary>
    public ActorPath Behind(IActorRef actor) => (NameIn(actor.Path) is { } name && _targets.TryGetValue(name, out IActorRef? behind) ? behind : actor).Path;

    /// <summary>Has a process know that another has gone: who watches its actors is told that they have ended.</summary>
    public void Forget(SimulatedProcess viewer, SimulatedProcess gone)
    {
        foreach (((SimulatedProcess Viewer, string) key, IActorRef standIn) in _standIns.Where(entry => entry.Key.Item1 == viewer && HomeOf(entry.Value) == gone).ToArray())
        {
            _standIns.Remove(key);
            _system!.Stop(standIn);
        }
    }

    private static string Owner(string name) => name.IndexOf(StandInMark, StringComparison.Ordinal) is > 0 and var mark ? name[..mark] : name;

    /// <summary>The element after /user.</summary>
    private static string? NameIn(ActorPath path) => path.Elements is { Count: > 1 } elements && elements[0] == "user" ? elements[1] : null;

    private void Send(SimulatedProcess from, SimulatedProcess to, IActorRef target, object message, IActorRef sender)
    {
        if (_closed.Contains((from, to)) || (_sabotage == Sabotage.LostMessage && ++_sent % 64 == 0))
        {
            return;
        }

        if (!_ways.TryGetValue((from, to), out Way? way))
        {
            _ways.Add((from, to), way = new Way(from, to));
        }

        byte[] bytes = _serializer!.ToBinary(message);
        way.Waiting.Enqueue(new Sent(target, bytes, _serializer.Manifest(message), sender.IsNobody() ? null : sender));
        way.Due = Math.Max(way.Due, _loop.Now + DrawDelay());
        _loop.At(way.Due, () => Deliver(way), to.Turns);
    }

    private void Deliver(Way way)
    {
        if (!Connects(way.From, way.To))
        {
            way.Stalled++;
        }
        else if (way.Waiting.TryDequeue(out Sent? sent))
        {
            object message = _serializer!.FromBinary(sent.Bytes, sent.Manifest, path => Seen(way.To, Resolve(path)));
            sent.Target.Tell(message, sent.Sender is null ? ActorRefs.NoSender : Seen(way.To, sent.Sender));
        }
    }

    private IActorRef Resolve(string path) => ((ExtendedActorSystem)_system!).Provider.ResolveActorRef(path);

    private sealed record Sent(IActorRef Target, byte[] Bytes, string Manifest, IActorRef? Sender);

    private sealed class Way(SimulatedProcess from, SimulatedProcess to)
    {
        public SimulatedProcess From { get; } = from;

        public SimulatedProcess To { get; } = to;

        public Queue<Sent> Waiting { get; } = [];

        public long Due { get; set; }

        public int Stalled { get; set; }
    }

    private sealed class StandIn(SimulatedNetwork network, SimulatedProcess from, SimulatedProcess to, IActorRef target) : UntypedActor
    {
        protected override void OnReceive(object message) => network.Send(from, to, target, message, Sender);
    }
}
