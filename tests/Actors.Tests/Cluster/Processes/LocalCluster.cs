using System.Collections.Concurrent;
using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Runtime.Cluster;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Configuration;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Peers;
using Actors.Runtime.Tests.Training.Checkpoints;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Actors.Tensors;
using Akka.Actor;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Cluster.Processes;

/// <summary>
/// A leader and processes of a cluster in one actor system, with links between them. Who is a member the test says, and which checkpoints may be
/// written: so it knows where a run stands.
/// </summary>
internal sealed class LocalCluster : ActorKit, ICheckpointFolder
{
    private readonly CpuBackend _backend = new();
    private readonly KeptCheckpoints _kept;
    private readonly ClusterProcessOptions _options;
    private readonly TestProbe _caller;
    private readonly object _gate = new();
    private readonly ConcurrentDictionary<Address, LocalProcess> _processes = [];
    private IActorRef _leader = ActorRefs.Nobody;
    private int _leaders;
    private int _mayWrite;
    private int _waits;
    private int _lastWait;
    private int _endedWaits;

    /// <summary>Makes a cluster without processes.</summary>
    /// <param name="plan">The run.</param>
    /// <param name="batches">Where tokens come from.</param>
    /// <param name="steps">Steps to train.</param>
    /// <param name="checkpointEverySteps">Steps between checkpoints.</param>
    /// <param name="processes">Processes that the run waits for.</param>
    /// <param name="isElastic">Whether it goes on with fewer ranks.</param>
    public LocalCluster(RunPlan plan, IBatchSource batches, int steps, int checkpointEverySteps, int processes, bool isElastic = true)
    {
        (_kept, _caller) = (new KeptCheckpoints(plan.Model), CreateTestProbe());
        _options = new ClusterProcessOptions
        {
            Plan = plan,
            IsElastic = isElastic,
            RunHash = "test",
            Settings = new ClusterSettings(
                "127.0.0.1", 0, [], ClusterSettings.AllRoles, 0, processes, StallTimeout, ReplacementTimeout: TimeSpan.FromMilliseconds(1),
                GatherTimeout: TimeSpan.MaxValue, StallTimeout, StallTimeout, StallTimeout, StallTimeout),
            Links = LinkPair.Settings,
            Devices = new RunDevices(_backend, () => new HostLink()),
            Batches = batches,
            Load = Load,
            StallTimeout = TimeSpan.FromSeconds(60),
            OpenRun = _ => new LocalRun(this, steps, checkpointEverySteps, new TrainerOptions
            {
                Optimizer = TestOptimizer.At(1e-3) with { BiasUpdateSpeed = 1e-3 },
                Batches = batches,
                Checkpoints = this,
                StallTimeout = StallTimeout,
                Time = Time,
            }),
            Time = Time,
            Telemetry = Telemetry.None,
        };
    }

    /// <summary>Every step that the caller was told of, in order.</summary>
    public List<StepCompleted> Steps { get; } = [];

    public int? SavedStep => _kept.SavedStep;

    /// <summary>Where the checkpoints are.</summary>
    public string Folder => _kept.Folder;

    /// <summary>A process joins, with devices for so many ranks.</summary>
    public LocalProcess Start(int devices)
    {
        var process = new LocalProcess(this, new Address("akka.tcp", "actors", $"p{_processes.Count}", 1), devices);
        _processes[process.Address] = process;
        _leader.Tell(new MemberChange(process.Address, null, ClusterSettings.AllRoles), ActorRefs.NoSender);
        return process;
    }

    /// <summary>A process is killed; ends when the leader knows of it.</summary>
    public async Task KillAsync(LocalProcess process)
    {
        process.IsUp = false;
        Sys.Stop(process.Actor);
        _leader.Tell(new MemberChange(process.Address, "it was killed", []), ActorRefs.NoSender);
        await NoticeAsync($"{process.Address.Host} is lost: it was killed");
        EndWaits();
    }

    /// <summary>A process is asked to leave.</summary>
    public Task LeaveAsync(LocalProcess process) => _leader.Ask<OperatorAnswered>(new LeaveCluster($"{process.Address}"), TestContext.Timeout());

    /// <summary>A process begins to lead; the leader before, if there is one, has ended.</summary>
    public async Task LeadAsync(LocalProcess process)
    {
        if (!_leader.IsNobody())
        {
            await WatchAsync(_leader);
            Sys.Stop(_leader);
            await ExpectTerminatedAsync(_leader);
            EndWaits();
        }

        _leader = Sys.ActorOf(process.Parts.Leader(), $"leader-{_leaders++}");
    }

    /// <summary>A caller asks for the run.</summary>
    public void Train()
    {
        IActorRef caller = _caller.Ref;
        Sys.ActorOf(Props.Create(() => new RunCaller(
            "leader", _ => _leader, new TrainRun("folder", "run"), (message, _) => caller.Tell(message, ActorRefs.NoSender), end => caller.Tell(end!, ActorRefs.NoSender))));
    }

    /// <summary>Checkpoints up to that of a step may be written.</summary>
    public void MayWrite(int step)
    {
        lock (_gate)
        {
            _mayWrite = step;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until the checkpoint of a step is to be written and may not yet.</summary>
    public async Task WritesAsync(int step) => _lastWait = (await HearAsync<CheckpointAwaited>(awaited => awaited.Step == step)).Wait;

    /// <summary>Waits for a notice to the caller.</summary>
    public Task<RunNotice> NoticeAsync(string part) => HearAsync<RunNotice>(notice => notice.Text.Contains(part, StringComparison.Ordinal));

    /// <summary>Waits for the end of the run.</summary>
    public Task<TrainingEnded> EndedAsync() => HearAsync<TrainingEnded>(_ => true);

    /// <summary>What the leader says of the run.</summary>
    public async Task<string> StatusAsync() => (await _leader.Ask<ClusterDescribed>(new DescribeCluster(), TestContext.Timeout())).Run;

    public string Begin(int step)
    {
        lock (_gate)
        {
            int wait = ++_waits;
            if (step > _mayWrite)
            {
                _caller.Ref.Tell(new CheckpointAwaited(step, wait), ActorRefs.NoSender);
            }

            while (step > _mayWrite && wait > _endedWaits)
            {
                Monitor.Wait(_gate);
            }

            return wait > _endedWaits ? _kept.Begin(step) : throw new IOException("who writes has ended");
        }
    }

    public string Commit(int step, CheckpointShares shares) => _kept.Commit(step, shares);

    public string Abandon(int step, string reason) => _kept.Abandon(step, reason);

    protected override void Dispose(bool disposing)
    {
        (_lastWait, _mayWrite) = (int.MaxValue, int.MaxValue);
        EndWaits();
        base.Dispose(disposing);
        foreach (LocalProcess process in _processes.Values)
        {
            process.Dispose();
        }

        _kept.Dispose();
        _backend.Dispose();
    }

    /// <summary>Who waits to write the checkpoint that the test has heard of has ended.</summary>
    private void EndWaits()
    {
        lock (_gate)
        {
            _endedWaits = _lastWait;
            Monitor.PulseAll(_gate);
        }
    }

    private async Task<T> HearAsync<T>(Predicate<T> isAwaited)
    {
        while (true)
        {
            object heard = await _caller.ExpectMsgAsync<object>();
            if (heard is StepCompleted step)
            {
                Steps.Add(step);
            }

            if (heard is T one && isAwaited(one))
            {
                return one;
            }

            Assert.False(heard is TrainingEnded or RunFailed or CheckpointFailed, $"the run has ended with {heard}");
        }
    }

    private static void Load(TrainingHost host, PrepareShare order)
    {
        (IStream copying, IReadOnlyList<ParameterBlock> copies) = host.Copies();
        if (order.Checkpoint is { } folder)
        {
            TrainingCheckpoint.LoadModel(folder, host.Parts());
            TrainingCheckpoint.LoadMoments(folder, copying, host.Moments());
            TrainingCheckpoint.LoadBlocks(folder, copying, copies);
            TrainingCheckpoint.LoadMoments(folder, copying, host.CopiedMoments());
            TrainingCheckpoint.LoadAverages(folder, copying, host.Moments());
            TrainingCheckpoint.LoadAverages(folder, copying, host.CopiedMoments());
            return;
        }

        foreach ((IStream stream, ModelWeights weights) in host.Parts())
        {
            weights.Initialize(stream, seed: 1);
            weights.Prepare(stream);
        }

        foreach (ParameterBlock block in copies)
        {
            block.Initialize(copying, host.Plan.Model.InitializerRange, seed: 1);
        }

        TrainingCheckpoint.LoadAverages(folder: null, copying, [.. host.Moments(), .. host.CopiedMoments()]);
    }

    /// <summary>A process: its listener, its actor, and what it sees of the others.</summary>
    internal sealed class LocalProcess : IClusterMembership, IDisposable
    {
        private readonly LocalCluster _cluster;
        private readonly PeerLinkOpener _links;

        public LocalProcess(LocalCluster cluster, Address address, int devices)
        {
            (_cluster, Address, _links) = (cluster, address, PeerLinkOpener.Listen(cluster._options));
            Parts = new ProcessParts(
                cluster.Sys, cluster._options, new ProcessDescription(address.Host, "here", "test", "127.0.0.1", _links.Port, devices, Held: null), default, _links, this);
            Actor = cluster.Sys.ActorOf(Parts.Process(), address.Host);
        }

        public Address Address { get; }

        public ProcessParts Parts { get; }

        public IActorRef Actor { get; }

        public bool IsUp { get; set; } = true;

        public Address Self => Address;

        public void Subscribe(IActorRef leader)
        {
            foreach (LocalProcess process in _cluster._processes.Values.Where(process => process.IsUp))
            {
                leader.Tell(new MemberChange(process.Address, null, ClusterSettings.AllRoles), ActorRefs.NoSender);
            }
        }

        public void Unsubscribe(IActorRef leader)
        {
        }

        public MemberChange? ChangeIn(object message) => message as MemberChange;

        public void Down(Address address)
        {
        }

        public ICanTell ActorAt(Address address, string name, IUntypedActorContext context) => _cluster._processes[address].Actor;

        public Address AddressOf(IActorRef actor) => _cluster._processes.Values.First(process => process.Actor.Equals(actor)).Address;

        public void Dispose()
        {
            Parts.Status.Freed.GetAwaiter().GetResult();
            _links.Dispose();
        }
    }

    private sealed record CheckpointAwaited(int Step, int Wait);

    /// <summary>A run in the folder of a test.</summary>
    private sealed class LocalRun(LocalCluster cluster, int steps, int checkpointEverySteps, TrainerOptions options) : IClusterRun
    {
        public int LastStep => steps;

        public int CheckpointEverySteps => checkpointEverySteps;

        public int Step => cluster.SavedStep ?? 0;

        public string? Checkpoint => cluster.SavedStep is { } step ? Path.Combine(cluster._kept.Folder, $"step-{step:00000000}") : null;

        public TrainerOptions Options => options with { CompletedSteps = Step };

        public void Dispose()
        {
        }
    }
}
