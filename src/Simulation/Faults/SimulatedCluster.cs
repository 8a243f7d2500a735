using System.Globalization;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Configuration;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Training;
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

    public SimulatedCluster(FaultOptions options, ulong seed, IBackend backend, int checkpointEverySteps, Reference? reference)
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
            Plan = SimulatedModel.Plan,
            RunHash = RunHash,
            Settings = Times(options.Processes),
            Links = LinkTimes,
            Backend = backend,
            MakeLink = options.MakeLink,
            Batches = new SimulatedModel.Batches(),
            Load = (_, _) => throw new InvalidOperationException("Each process loads by itself."),
            OpenRun = _ => throw new InvalidOperationException("Each process opens runs by itself."),
            Time = time,
            Telemetry = Telemetry.None,
        };
        Checks = new HistoryChecks(this, reference);
        Disk.Committed = Checks.Committed;
        Links = new SimulatedLinks(Loop, Network, _shared, options.Sabotage, Checks.Break);
        Disk.Begins = () => Reached?.Invoke(FaultAnchor.Checkpoint);
        _members = new SimulatedMembers(Loop, Network, _shared.Settings, Lead, End);
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

    public int CheckpointEverySteps { get; }

    /// <summary>Where the caller is; no fault meets it.</summary>
    public SimulatedProcess Outside { get; }

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
                WriteBlocks = (folder, _, _, stream, blocks, moments) => Disk.Write(process, folder, stream, blocks, moments),
            },
            new ProcessDescription(process.Name, process.Name, RunHash, process.Name, SimulatedProcess.Port, Devices: 0, Held: null),
            default, Links.For(process), _members.ViewOf(process));
        process.Root = _system.System.ActorOf(Props.Create(() => new ProcessRoot(process, parts, _members, Network, Checks.Break)), process.Name);
        return process;
    }

    /// <summary>A process ends at once.</summary>
    public void End(SimulatedProcess process, string why)
    {
        if (!process.HasEnded)
        {
            Note($"{process.Name} ends: {why}");
            process.Turns.Drop();
            Disk.Crash(process);
            Links.Vanish(process);
            HasEnded?.Invoke();
        }
    }

    /// <summary>The caller asks for a run.</summary>
    public void Ask(SimulatedProcess first)
    {
        var order = new TrainRun("disk/run", "run");
        string address = $"{first.Address}";
        Func<string, ICanTell> frontAt = of => Network.Seen(Outside, Network.At(Address.Parse(of)).Front);
        CallerChecks caller = Caller;
        _system.System.ActorOf(Props.Create(() => new RunCaller(address, frontAt, order, caller.Show, caller.End)), CallerName);
    }

    /// <summary>Asks each process that is up whether it holds a share.</summary>
    public void AskWhatIsHeld()
    {
        foreach (SimulatedProcess process in Living)
        {
            _asker.Tell(process.Actor, new Introduce([]));
        }

        long until = Loop.Now + TimeSpan.TicksPerSecond;
        Loop.Run(() => Loop.Now > until);
        foreach (ProcessIntroduced introduced in _asker.Messages.OfType<ProcessIntroduced>())
        {
            Checks.Idle(Network.Processes.First(process => process.Name == introduced.Process.Name), introduced);
        }
    }

    public void Dispose()
    {
        // The system is left as it is: actors of processes that have ended never answer that they stop.
        Loop.End();
        _hosts.ForEach(host => host.Dispose());
    }

    private static ClusterSettings Times(int processes) => new(
        "simulated", SimulatedProcess.Port, [], ClusterSettings.AllRoles, Devices: 0, processes, TimeSpan.FromSeconds(30),
        ReplacementTimeout: TimeSpan.FromSeconds(2), GatherTimeout: TimeSpan.FromSeconds(60), PlaceTimeout: TimeSpan.FromSeconds(60), LeaveTimeout: TimeSpan.FromSeconds(60),
        SilenceTimeout: TimeSpan.FromSeconds(3), StableAfter: TimeSpan.FromSeconds(3));

    private void Load(SimulatedProcess process, TrainingHost host, PrepareShare order)
    {
        _hosts.Add(host);
        Checks.Loaded(process, order.Epoch, host);
        Disk.Load(host, order, SimulatedModel.WeightSeed);
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
