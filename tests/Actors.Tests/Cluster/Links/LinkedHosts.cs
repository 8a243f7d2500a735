using System.Collections.Immutable;
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
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Actors.Tensors;
using Akka.Actor;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Cluster.Links;

/// <summary>A run whose nodes are shared out among shares as among processes: between two of them there is nothing but a link.</summary>
internal sealed class LinkedHosts : ActorKit
{
    private readonly CpuBackend _backend = new();
    private readonly List<TrainingHost> _hosts = [];
    private readonly ClusterProcessOptions _options;
    private readonly int[][] _nodes;
    private readonly RunDevices[] _devices;
    private readonly Func<ILinkOpener, int, ILinkOpener> _watch;

    /// <summary>Describes the processes.</summary>
    /// <param name="plan">The run; its nodes have memory of their own.</param>
    /// <param name="batches">Where tokens come from.</param>
    /// <param name="sharesMemory">Whether links are rings in shared memory, not connections.</param>
    /// <param name="nodes">The nodes of each process.</param>
    /// <param name="devicesOf">What each process computes on; null: the CPU.</param>
    /// <param name="watch">Lays something over what opens the links of a process; null: nothing.</param>
    public LinkedHosts(
        RunPlan plan, IBatchSource batches, bool sharesMemory, int[][] nodes, Func<int, RunDevices>? devicesOf = null,
        Func<ILinkOpener, int, ILinkOpener>? watch = null)
    {
        (_nodes, _watch) = (nodes, watch ?? ((opener, _) => opener));
        _devices = [.. nodes.Select((_, process) => devicesOf?.Invoke(process) ?? new RunDevices(_backend, () => new HostLink()))];
        _options = new ClusterProcessOptions
        {
            Plan = plan,
            RunHash = "test",
            Settings = new ClusterSettings("127.0.0.1", 0, [], ClusterSettings.AllRoles, 0, 1, StallTimeout, StallTimeout, StallTimeout, StallTimeout, StallTimeout, StallTimeout, StallTimeout),
            Links = LinkPair.Settings with { SharedMemory = sharesMemory },
            Devices = _devices[0],
            Batches = batches,
            Load = (host, _) => Load(host),
            StallTimeout = StallTimeout,
            OpenRun = _ => throw new NotSupportedException(),
            Time = Time,
            Telemetry = Telemetry.None,
        };
    }

    /// <summary>Rows that went from a stage to one of another node.</summary>
    public long RowsCrossed { get; private set; }

    /// <summary>The held-out loss after training.</summary>
    public double? HeldOutLoss { get; private set; }

    /// <summary>The stages of all ranks.</summary>
    public IEnumerable<IActorRef> Stages => _hosts.SelectMany(host => host.LocalRanks.Select(rank => host.Addresses[rank].Stage));

    /// <summary>For each block of which a process keeps a copy the copy, values and moments, and the same at its owner, after training.</summary>
    public IReadOnlyList<(string Name, float[] Copy, float[] Owned)> Copies { get; private set; } = [];

    /// <summary>Trains and gives back what each process holds then.</summary>
    /// <param name="steps">Steps to train.</param>
    /// <param name="then">What is done after them, with what saves the state of each process, while all actors live.</param>
    public async Task<ImmutableArray<(string Name, float[] Values)>> TrainAsync(int steps, Func<IReadOnlyList<IActorRef>, Task>? then = null)
    {
        PeerLinkOpener[] openers = [.. _nodes.Select(_ => PeerLinkOpener.Listen(_options))];
        ImmutableArray<ProcessShare> processes =
            [.. openers.Select((opener, process) => new ProcessShare($"process {process}", "here", "127.0.0.1", opener.Port, [.. _nodes[process]]))];
        TrainingShare[] shares = await Task.WhenAll(openers.Select((opener, process) => TrainingShare.OpenAsync(
            Sys, new PrepareShare(1, process, processes, null, new TrainRun("nowhere", "run"), _options.Plan.Sizes), _watch(opener, process), _devices[process],
            share => MakeHost(share, _devices[process]), (host, _) => Load(host), (_, _) => { },
            TestContext.Timeout())));
        try
        {
            await RunAsync(shares, steps, then);
            Copies = [.. CompareCopies()];
            RowsCrossed = _hosts.Sum(host => host.LocalRanks.Sum(rank => host.Rank(rank).Frames.RowsSent));
            return [.. _hosts.SelectMany(host => host.Blocks()).Select(block => (block.Name, block.Values.AsSpan<float>().ToArray()))];
        }
        finally
        {
            foreach (TrainingShare share in shares)
            {
                await share.DisposeAsync();
            }

            Array.ForEach(openers, opener => opener.Dispose());
        }
    }

    /// <summary>The devices that the ranks of a process compute on, after training.</summary>
    public IEnumerable<IBackend> DevicesOf(int process) =>
        _hosts.Where(host => host.IsHere(_options.Plan.RanksOf(_nodes[process][0]).First())).SelectMany(host => host.LocalRanks.Select(rank => host.Rank(rank).Backend.Device)).Distinct();

    /// <summary>All that the state of the run is made of, where it is owned.</summary>
    public float[] ReadOwned() => [.. BlockHome.Of(_options.Plan, _hosts[0].Layout, _hosts[0].TrainingTimetable.Placement)
        .SelectMany(home => Read(_hosts.Single(host => host.IsHere(home.Rank)), home))];

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _backend.Dispose();
    }

    private static void Load(TrainingHost host)
    {
        foreach ((IStream stream, ModelWeights weights) in host.Parts())
        {
            weights.Initialize(stream, seed: 1);
            weights.Prepare(stream);
        }

        (IStream copying, IReadOnlyList<ParameterBlock> copies) = host.Copies();
        foreach (ParameterBlock block in copies)
        {
            block.Initialize(copying, host.Plan.Model.InitializerRange, seed: 1);
        }

        TrainingCheckpoint.LoadAverages(folder: null, copying, [.. host.Moments(), .. host.CopiedMoments()]);
    }

    private IEnumerable<(string Name, float[] Copy, float[] Owned)> CompareCopies()
    {
        foreach (BlockHome home in BlockHome.Of(_options.Plan, _hosts[0].Layout, _hosts[0].TrainingTimetable.Placement))
        {
            TrainingHost owner = _hosts.Single(host => host.IsHere(home.Rank));
            foreach (TrainingHost keeper in _hosts.Where(host => host.Copies().Blocks.Any(block => block.Name == home.Name)))
            {
                yield return (home.Name, Read(keeper, home), Read(owner, home));
            }
        }
    }

    private static float[] Read(TrainingHost host, BlockHome home)
    {
        host.WhenAveraged().Wait(TestContext.Timeout());
        ParameterBlock block = host.BlockAt(home.Rank, home.Number);
        float[] values = block.Values.AsSpan<float>().ToArray();
        if (!home.IsTrained)
        {
            return values;
        }

        TrainedBlock moments = host.MomentsAt(home.Rank, block);
        ReadOnlySpan<float> average = moments.Average.IsAbsent ? [] : moments.Average.AsSpan<float>();
        return [.. values, .. moments.First.AsSpan<float>(), .. moments.Second.AsSpan<float>(), .. average];
    }

    private TrainingHost MakeHost(HostShare share, RunDevices devices)
    {
        var host = new TrainingHost(_options.Plan, devices, Time, share: share);
        host.Open(_options.Batches, StallTimeout);
        lock (_hosts)
        {
            _hosts.Add(host);
        }

        return host;
    }

    private async Task RunAsync(TrainingShare[] shares, int steps, Func<IReadOnlyList<IActorRef>, Task>? then)
    {
        var savers = new List<IActorRef>();
        var nodes = new IActorRef[_options.Plan.Nodes];
        for (int process = 0; process < shares.Length; process++)
        {
            IActorRef parent = Sys.ActorOf(Props.Create(() => new Parent()));
            SharePrepared started = await parent.Ask<SharePrepared>(shares[process], TestContext.Timeout());
            savers.Add(started.Saver);
            for (int i = 0; i < started.Nodes.Length; i++)
            {
                nodes[_nodes[process][i]] = started.Nodes[i];
            }
        }

        var options = new TrainerOptions
        {
            Optimizer = TestOptimizer.At(1e-3) with { BiasUpdateSpeed = 1e-3 },
            Batches = _options.Batches,
            StallTimeout = StallTimeout,
            Time = Time,
        };
        var catalog = new BlockCatalog(_options.Plan.Model, _options.Plan.ExpertPlacement());
        TestProbe user = CreateTestProbe();
        RunPlan plan = _options.Plan;
        IActorRef coordinator = Sys.ActorOf(Props.Create(() => new CoordinatorActor(plan, catalog, options, Telemetry.None, nodes, ImmutableArray<RunProcess>.Empty)));
        coordinator.Tell(new Train(steps, 0), user);
        await user.ReceiveWhileAsync<StepCompleted>(_ => true, shouldIgnoreOtherMessageTypes: false).ToListAsync();
        await user.ExpectMsgAsync<TrainingEnded>();
        coordinator.Tell(new MeasureHeldOut(), user);
        HeldOutLoss = (await user.ExpectMsgAsync<HeldOutMeasured>()).Loss;
        if (then is not null)
        {
            await then(savers);
        }

        await EndAsync();
    }

    /// <summary>Makes the node actors of one process.</summary>
    private sealed class Parent : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            (ImmutableArray<IActorRef> nodes, IActorRef saver) = ((TrainingShare)message).Start(Context);
            Sender.Tell(new SharePrepared(1, 0, nodes, saver), Self);
        }
    }
}
