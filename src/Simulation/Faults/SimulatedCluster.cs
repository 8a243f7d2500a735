using System.Collections.Immutable;
using System.Globalization;
using Actors.Runtime.Cluster;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Cluster.Processes.Serving;
using Actors.Runtime.Configuration;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Training;
using Actors.Simulation.Devices;
using Actors.Simulation.Turns;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Simulation.Faults;

/// <summary>Processes of a cluster in one loop: the project's actors, over a simulated network, membership and disk.</summary>
internal sealed class SimulatedCluster : IDisposable
{
    /// <summary>The caller's actor.</summary>
    public const string CallerName = "caller!user";

    private const string RunHash = "simulated";

    /// <summary>Up to 7 s, as a power of two of ticks.</summary>
    private const int MostPromptDelay = 26;

    private static readonly LinkSettings LinkTimes = new()
    {
        BindHost = "simulated",
        Port = 0,
        ChunkLanes = 2,
        SharedMemory = false,
        RingBytes = 1 << 16,
        QueueFrames = 1024,
        MaxFrameBytes = 1 << 20,
        SecretFile = null,
        MaxUnprovenConnections = 16,
        HandshakeTimeout = TimeSpan.FromSeconds(5),
        PingInterval = TimeSpan.FromSeconds(1),
        SilenceTimeout = TimeSpan.FromSeconds(3),
        Tls = null,
    };

    private readonly FaultOptions _options;
    private readonly SimulatedSystem _system;
    private readonly SimulatedMembers _members;
    private readonly List<TrainingHost> _hosts = [];
    private readonly ClusterProcessOptions _shared;
    private readonly SimulatedUser _asker;

    public SimulatedCluster(FaultOptions options, ulong seed, IBackend backend, int checkpointEverySteps, Reference? reference, HistoryParts parts)
    {
        (_options, CheckpointEverySteps) = (options, checkpointEverySteps);
        Loop = new SimulationLoop(seed);
        Network = new SimulatedNetwork(Loop, options.Sabotage);
        Disk = new SimulatedDisk(options.Sabotage) { KeepsAll = reference is null };
        _system = new SimulatedSystem(Loop, path => Network.ProcessAt(path)?.Turns, new SimulatedBackground(Loop, Network, Disk.Sync));
        Network.Open(_system.System);
        var time = new VirtualTime(Loop);
        _shared = new ClusterProcessOptions
        {
            Plan = SimulatedModel.Plan with { Replicas = parts.HasFlag(HistoryParts.Copies) ? 1 : 0 },
            RunHash = RunHash,
            Settings = Times(options.Processes),
            Links = LinkTimes,
            Devices = DevicesOf(options, backend, Loop),
            Batches = new SimulatedModel.Batches(),
            Load = (_, _) => throw new InvalidOperationException("Each process loads by itself."),
            StallTimeout = TimeSpan.FromSeconds(60),
            OpenRun = _ => throw new InvalidOperationException("Each process opens runs by itself."),
            Serving = parts.HasFlag(HistoryParts.Prompts) ? SimulatedPrompts.OptionsOf(Loop) : null,
            Time = time,
            Telemetry = Telemetry.None,
        };
        Checks = new HistoryChecks(this, reference);
        Disk.Committed = Checks.Committed;
        Links = new SimulatedLinks(Loop, Network, _shared, options, Checks.Break);
        Disk.Begins = () => Reached?.Invoke(FaultAnchor.Checkpoint);
        _members = new SimulatedMembers(Loop, Network, _shared.Settings, Lead, End);
        Prompts = new PromptChecks(Loop, Note);
        Caller = new CallerChecks(Loop, options.Steps, Checks.Break);
        Loop.Watch = Checks.Watch;
        Outside = new SimulatedProcess(0, new ProcessTurns(Loop, "caller"));
        Network.Add(Outside);
        _asker = _system.User(Outside.Name + "-asker");
    }

    public SimulationLoop Loop { get; }

    public SimulatedNetwork Network { get; }

    public SimulatedDisk Disk { get; }

    public SimulatedLinks Links { get; }

    public HistoryChecks Checks { get; }

    public CallerChecks Caller { get; }

    public PromptChecks Prompts { get; }

    public int CheckpointEverySteps { get; }

    /// <summary>Where the caller is; no fault meets it.</summary>
    public SimulatedProcess Outside { get; }

    /// <summary>How many processes have ended that did not leave.</summary>
    public int Lost { get; private set; }

    /// <summary>How many processes have ended that led, or had led.</summary>
    public int LeadersGone { get; private set; }

    /// <summary>The processes that live.</summary>
    public IReadOnlyList<SimulatedProcess> Living => [.. Network.Processes.Where(process => process != Outside && !process.HasEnded)];

    /// <summary>Those of them that are up, run, and reach the most.</summary>
    public IReadOnlyList<SimulatedProcess> Healthy => [.. Living.Where(process => process is { IsPaused: false, Side: 0 } && _members.IsUp(process))];

    /// <summary>Is told of what faults may wait for.</summary>
    public Action<FaultAnchor>? Reached { get; set; }

    /// <summary>Is told when a process has ended.</summary>
    public Action? HasEnded { get; set; }

    /// <summary>The process that leads, by the view of most.</summary>
    public SimulatedProcess? Leading => Living.Where(process => !process.IsPaused).Select(_members.OldestFor).OfType<SimulatedProcess>()
        .GroupBy(oldest => oldest).OrderByDescending(group => group.Count()).ThenBy(group => group.Key.Number).FirstOrDefault()?.Key;

    /// <summary>How many members a process knows of.</summary>
    public int MembersOf(SimulatedProcess process) => _members.CountFor(process);

    /// <summary>Adds a line to what happened.</summary>
    public void Note(string line) => Caller.Notices.Add($"{TimeSpan.FromTicks(Loop.Now).TotalSeconds:0.000} {line}");

    /// <summary>A process starts and joins.</summary>
    public SimulatedProcess Start()
    {
        int number = Network.Processes.Count();
        var process = new SimulatedProcess(number, new ProcessTurns(Loop, string.Create(CultureInfo.InvariantCulture, $"p{number}")));
        Network.Add(process);
        _members.Start(process);
        var parts = new ProcessParts(
            _system.System,
            _shared with
            {
                Load = (host, order) => Load(process, host, order),
                OpenRun = order => OpenRun(process, order),
                WriteBlocks = (folder, _, _, stream, blocks, moments) => Loop.OutsideTime(() => Disk.Write(process, folder, stream, blocks, moments)),
            },
            new ProcessDescription(process.Name, process.Name, RunHash, process.Name, SimulatedProcess.Port, Devices: 0, Held: null),
            default, Links.For(process), _members.ViewOf(process))
        {
            ServingLinks = _shared.Serving is null ? null : Links.For(process, serves: true),
        };
        process.Root = _system.System.ActorOf(Props.Create(() => new ProcessRoot(process, parts, _members, Network, Checks.Break)), process.Name);
        return process;
    }

    /// <summary>A process ends at once.</summary>
    public void End(SimulatedProcess process, string why)
    {
        if (!process.HasEnded)
        {
            Note($"{process.Name} ends: {why}");
            Lost += process.MayLeave ? 0 : 1;
            LeadersGone += process.Leader is null ? 0 : 1;
            process.Turns.Drop();
            Disk.Crash(process);
            Links.Vanish(process);
            HasEnded?.Invoke();
        }
    }

    /// <summary>A process asks to leave until it may, as a node does that is told to end.</summary>
    public void Leave(SimulatedProcess process) => AskToLeave(process, Loop.Now + _shared.Settings.LeaveTimeout.Ticks);

    /// <summary>The caller asks for a run.</summary>
    public void Ask(SimulatedProcess first)
    {
        var order = new TrainRun("disk/run", "run");
        string address = $"{first.Address}";
        Func<string, ICanTell> frontAt = FrontAt;
        CallerChecks caller = Caller;
        _system.System.ActorOf(Props.Create(() => new RunCaller(address, frontAt, order, caller.Show, caller.End)), CallerName);
    }

    /// <summary>A user asks for the answer to a prompt at a time that the seed draws: many at once with the run.</summary>
    public void Ask(SimulatedProcess first, int prompt)
    {
        (string address, string id, Func<string, ICanTell> frontAt, Action closed) = ($"{first.Address}", $"prompt-{prompt}", FrontAt, static () => { });
        ImmutableArray<string> processes = [];
        SimulatedUser user = _system.User($"{Outside.Name}-{id}");
        IActorRef caller = _system.System.ActorOf(
            Props.Create(() => new InferenceCaller(address, processes, frontAt, id, SimulatedPrompts.Folder, "nobody answers", closed)), $"{Outside.Name}!{id}");
        Prompts.Add(user, Loop.Draw(1 << Loop.Draw(MostPromptDelay)), () => user.Tell(caller, SimulatedPrompts.Prompt(prompt)));
    }

    /// <summary>Asks each process that is up whether it holds a share.</summary>
    public void AskWhatIsHeld()
    {
        int before = _asker.Messages.Count;
        foreach (SimulatedProcess process in Living)
        {
            _asker.Tell(process.Actor, new Introduce([]));
            if (!process.Serving.IsNobody())
            {
                _asker.Tell(process.Serving, new Introduce([]));
            }
        }

        long until = Loop.Now + TimeSpan.TicksPerSecond;
        Loop.Run(() => Loop.Now > until);
        foreach (ProcessIntroduced introduced in _asker.Messages.Skip(before).OfType<ProcessIntroduced>())
        {
            Checks.Idle(introduced);
        }
    }

    public void Dispose()
    {
        // The system is left as it is: actors of processes that have ended never answer that they stop.
        Loop.End();
        _hosts.ForEach(host => host.Dispose());
        Links.Dispose();
    }

    /// <summary>All processes share a device that is as many as they are: nothing that one has is another's.</summary>
    private static RunDevices DevicesOf(FaultOptions options, IBackend backend, SimulationLoop loop)
    {
        if (!options.OrdersStreams)
        {
            return new RunDevices(backend, options.MakeLink);
        }

        var costs = new DrawnCosts(loop);
        return new RunDevices(new SimulatedBackend(backend, loop, costs, ordersStreams: true), MakeLink);

        ITensorLink MakeLink()
        {
            var link = new SimulatedLink(options.MakeLink(), loop, costs);
            return options.Sabotage == Sabotage.UnawaitedDevice ? new HastyLink(link) : link;
        }
    }

    private ICanTell FrontAt(string address) => Network.Seen(Outside, Network.At(Address.Parse(address)).Front);

    private void AskToLeave(SimulatedProcess process, long until)
    {
        if (process.MayLeave)
        {
            Note($"{process.Name} may leave");
            Go(process);
        }
        else if (Loop.Now > until)
        {
            Note($"{process.Name} leaves, and nobody has let it go");
            Checks.Break($"{process.Name} asked to leave and was not let go within {_shared.Settings.LeaveTimeout.TotalSeconds:0} s");
            _members.Leave(process);
        }
        else
        {
            process.Front.Tell(new LeaveCluster($"{process.Address}"), ActorRefs.NoSender);
            Loop.At(Loop.Now + TimeSpan.TicksPerSecond, () => AskToLeave(process, until), process.Turns);
        }
    }

    /// <summary>A process that was let go holds nothing any more.</summary>
    private void Go(SimulatedProcess process)
    {
        int before = _asker.Messages.Count;
        _asker.Tell(process.Actor, new Introduce([]));
        Loop.At(
            Loop.Now + 1,
            () =>
            {
                foreach (ProcessIntroduced introduced in _asker.Messages.Skip(before).OfType<ProcessIntroduced>().Where(introduced => introduced.Process.Name == process.Name))
                {
                    Checks.LetGo(introduced);
                }

                _members.Leave(process);
            },
            process.Turns);
    }

    private static ClusterSettings Times(int processes) => new(
        "simulated", SimulatedProcess.Port, [], ClusterSettings.AllRoles, Devices: 0, processes, TimeSpan.FromSeconds(30),
        ReplacementTimeout: TimeSpan.FromSeconds(2), GatherTimeout: TimeSpan.FromSeconds(60), PlaceTimeout: TimeSpan.FromSeconds(60), LeaveTimeout: TimeSpan.FromSeconds(60),
        SilenceTimeout: TimeSpan.FromSeconds(3), StableAfter: TimeSpan.FromSeconds(3));

    private void Load(SimulatedProcess process, TrainingHost host, PrepareShare order)
    {
        _hosts.Add(host);
        Checks.Loaded(process, order.Epoch, host);
        Loop.OutsideTime(() => Disk.Load(host, order, SimulatedModel.WeightSeed));
    }

    private SimulatedRun OpenRun(SimulatedProcess process, TrainRun order)
    {
        Disk.Take(process, order);
        return new SimulatedRun(Disk, process, _options.Steps, CheckpointEverySteps, new TrainerOptions
        {
            Optimizer = SimulatedModel.Optimizer,
            Batches = _shared.Batches,
            StallTimeout = TimeSpan.FromSeconds(60),
            Time = _shared.Time,
        });
    }

    private static void Lead(SimulatedProcess process) => process.Root.Tell(new ProcessRoot.BeginToLead(), ActorRefs.NoSender);
}
