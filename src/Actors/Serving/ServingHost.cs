using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Runtime.Cluster;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Schedules;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Serving;

/// <summary>Serving as far as it lives in this process: beside the values each rank's compressed caches and tokens.</summary>
public sealed class ServingHost : RunHost
{
    private readonly ServingResources?[] _ranks;
    private IActorRef? _gateway;

    /// <summary>Allocates everything that serving needs.</summary>
    /// <param name="plan">Shape of the run; schedule, micro-batches and sequences play no part.</param>
    /// <param name="options">Limits.</param>
    /// <param name="devices">As many as the plan says; of more the first ones are used.</param>
    /// <param name="time">Measures.</param>
    /// <param name="weights">Values to share, of the same placement and one domain, whose owner outlives this; null to allocate them.</param>
    /// <param name="telemetry">Where serving logs and counts; null: nowhere.</param>
    /// <param name="share">What of the plan lives in this process; null: all.</param>
    public ServingHost(
        RunPlan plan, InferenceOptions options, RunDevices devices, TimeProvider time, ModelWeights? weights = null,
        Telemetry? telemetry = null, HostShare? share = null)
        : base(PlanOf(plan, options), devices, telemetry, share)
    {
        Options = options;
        Time = time;
        Domains = OwnDomains(static pipelineRank => [pipelineRank], options.MaxLength, weights);
        Timetable timetable = Plan.CreateTimetable();
        _ranks = new ServingResources?[Plan.Ranks];
        StepWays = new IActorRef?[Plan.Ranks];
        for (int p = 0; p < Plan.PipelineRanks; p++)
        {
            var exchanges = new ExchangeSpace([p], Layout.MaxLayerCount, 1);
            NodeFabric?[] fabric = OwnFabric(0, p, exchanges.Count, (options.SlotsPerRank, FlagLimit(options.StallTimeout)));
            for (int e = 0; e < Plan.ExpertRanks; e++)
            {
                RankPosition position = Plan.PositionOf(Plan.RankOf(0, p, e));
                if (fabric[Plan.ExpertPlacement().NodeOf(e)] is { } node)
                {
                    _ranks[position.Rank] = BuildRank(position, timetable, exchanges, node);
                }
            }
        }
    }

    /// <summary>Limits.</summary>
    public InferenceOptions Options { get; }

    internal TimeProvider Time { get; }

    /// <summary>Who is told the gateway's steps in place of a rank's stage: what leads to ranks of other processes. Set before the gateway starts.</summary>
    internal IActorRef?[] StepWays { get; }

    /// <summary>The gateway, where it lives in this process and ranks of others report to it. Set before its first step.</summary>
    internal IActorRef Gateway
    {
        get => Volatile.Read(ref _gateway) ?? ActorRefs.Nobody;
        set => Volatile.Write(ref _gateway, value);
    }

    internal override long MaxFrameElements => (long)Options.MaxLength * Options.SlotsPerRank * Plan.Model.HiddenSize;

    internal override RankResources Rank(int rank) => Here(_ranks[rank], rank);

    /// <summary>A plan as it is served: forward only, one data group, whatever its schedule and batch are.</summary>
    /// <param name="plan">Ranks, nodes and model.</param>
    /// <param name="options">Limits.</param>
    public static RunPlan PlanOf(RunPlan plan, InferenceOptions options)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(options);
        options.Validated();
        RunPlan served = plan with
        {
            DataGroups = 1,
            RanksPerNode = Math.Min(plan.RanksPerNode, plan.PipelineRanks * plan.ExpertRanks),
            Schedule = ScheduleCatalog.ForwardOnly.Name,
            StagesPerRank = null,
            MicroBatches = 1,
            Sequences = 1,
            Batches = null,
            SequenceLength = options.MaxLength,
            Activations = ActivationMode.ForwardOnly,
            // Text is generated without prediction modules.
            Model = plan.Model with { PredictLayers = 0 },
            // A step that serves is not repeated: its windows have room for all that can come.
            Fabric = plan.Fabric with { CapacityFactor = null },
        };
        return served.OnFittingDevices();
    }

    /// <summary>Half of the time after which the watchdog gives up: then who waits for whom is said first.</summary>
    private static TimeSpan FlagLimit(TimeSpan stallTimeout) => stallTimeout == Timeout.InfiniteTimeSpan ? stallTimeout : stallTimeout / 2;

    private ServingResources BuildRank(RankPosition position, Timetable timetable, ExchangeSpace exchanges, NodeFabric fabric)
    {
        (int rank, int stage) = (position.Rank, position.PipelineRank);
        MemoryDomain domain = DomainOf(rank);
        LayerTemporaries temporaries = domain.Temporaries(rank, domain.Backend, Options.MaxLength);
        AttentionScratch scratch = domain.Own(new AttentionScratch(domain.Backend, Plan.Model, Options.MaxLength, ActivationMode.ForwardOnly, temporaries));
        var experts = Plan.ExpertPlacement().ExpertsOf(position.ExpertRank);
        StageModel model = domain.Own(new StageModel(
            domain.Backend, domain.Weights, Layout, stage, domain.Rope, scratch, temporaries, Options.MaxLength, Options.SlotsPerRank, gradients: null,
            RoutesOnHost(fabric), logitsRows: 0));
        TensorPool pool = StagePool(domain, rank);
        IStream stream = domain.Own(domain.Backend.CreateStream($"rank {rank} stage"));
        return new ServingResources
        {
            Plan = Plan,
            Position = position,
            Backend = domain.Backend,
            Pool = pool,
            ArrivalPool = domain.Pool,
            Stream = stream,
            Layout = Layout,
            Stages = [model],
            Program = new StageProgram(ComponentOrder.Of(timetable, stage, Layout), timetable.Placement),
            Exchanges = exchanges,
            Fabric = fabric,
            Experts = new ShardExperts(
                domain.Backend, ShardStream(rank, stream), domain.Weights, Layout, [model], experts, exchanges, temporaries, !RoutesOnHost(fabric)),
            Frames = OwnFrames(rank, pool, stream, Options.MaxLength),
            MakeLink = () => MakeLink(rank),
            Traffic = TrafficOf(rank),
            Caches = domain.Own(new InferenceCaches(domain.Backend, Plan.Model, Layout, [stage], Options.SlotsPerRank, Options.MaxLength)),
            Recordings = Backend.OrdersStreams && (Plan.Ranks == 1 || (Plan.PipelineRanks == 1 && fabric.DeviceWindows is { Flags: not null })) ? domain.Own(new DecodeRecordings(stream, Options.SlotsPerRank)) : null,
            Time = Time,
            Telemetry = Telemetry,
        };
    }
}
