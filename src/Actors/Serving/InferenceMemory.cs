using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Runtime.Cluster;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Schedules;
using Actors.Tensors;

namespace Actors.Runtime.Serving;

/// <summary>The data plane of serving: beside the values each group's fabric, the compressed caches and the step's tokens.</summary>
public sealed class InferenceMemory : RankMemory
{
    private readonly RankResources[] _ranks;

    /// <summary>Allocates everything that serving needs.</summary>
    /// <param name="plan">Shape of the run; schedule, micro-batches and sequences play no part.</param>
    /// <param name="options">Limits.</param>
    /// <param name="backend">The device.</param>
    /// <param name="makeLink">Makes a link for one user.</param>
    /// <param name="time">Measures.</param>
    /// <param name="weights">Values to share, of the same placement, whose owner outlives this; null to allocate them.</param>
    /// <param name="telemetry">Where serving logs and counts; null: nowhere.</param>
    public InferenceMemory(
        RunPlan plan, InferenceOptions options, IBackend backend, Func<ITensorLink> makeLink, TimeProvider time, ModelWeights? weights = null,
        Telemetry? telemetry = null)
        : base(Shape(plan, options), backend, makeLink, weights, telemetry)
    {
        Options = options;
        Time = time;
        RopeTables rope = Own(new RopeTables(backend, Stream, Plan.Model, options.MaxLength));
        Input = Own(new InferenceInput(backend, Plan.ExpertRanks, options.SlotsPerRank, options.MaxLength));
        var pipeline = new PipelineMemory(Pool, Plan.Stages, 1, Plan.ExpertRanks);
        Timetable timetable = Plan.CreateTimetable();
        _ranks = new RankResources[Plan.Ranks];
        LayerTemporaries[] temporaries = OwnTemporaries(Input.MaxTokens);
        for (int p = 0; p < Plan.PipelineRanks; p++)
        {
            var exchanges = new ExchangeSpace([p], Layout.MaxLayerCount, 1);
            NodeFabric[] fabric = OwnFabric(exchanges.Count);
            for (int e = 0; e < Plan.ExpertRanks; e++)
            {
                int rank = Plan.RankOf(0, p, e);
                _ranks[rank] = BuildRank(rank, p, e, timetable, exchanges, fabric[Plan.ExpertPlacement().NodeOf(e)], pipeline, rope, temporaries[rank]);
            }
        }

        Caches = [.. Enumerable.Range(0, Plan.ExpertRanks).Select(
            e => Enumerable.Range(0, Plan.PipelineRanks).Select(p => _ranks[Plan.RankOf(0, p, e)].Caches!).ToArray())];
    }

    /// <summary>Limits.</summary>
    public InferenceOptions Options { get; }

    internal TimeProvider Time { get; }

    internal InferenceInput Input { get; }

    /// <summary>Caches for the sequences of an expert rank, then by pipeline rank.</summary>
    internal InferenceCaches[][] Caches { get; }

    /// <summary>The last logits of an expert rank's sequences (sequences, vocabulary).</summary>
    internal Tensor LogitsOf(int expertRank) => Caches[expertRank][^1].Logits;

    internal override RankResources Rank(int rank) => _ranks[rank];

    private static RunPlan Shape(RunPlan plan, InferenceOptions options)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(options);
        options.Validated();
        return plan with
        {
            DataGroups = 1,
            Schedule = ScheduleCatalog.ForwardOnly.Name,
            StagesPerRank = null,
            MicroBatches = 1,
            Sequences = 1,
            SequenceLength = options.MaxLength,
            Activations = ActivationMode.ForwardOnly,
        };
    }

    private RankResources BuildRank(
        int rank, int p, int e, Timetable timetable, ExchangeSpace exchanges, NodeFabric fabric, PipelineMemory pipeline, RopeTables rope,
        LayerTemporaries temporaries)
    {
        AttentionScratch scratch = Own(new AttentionScratch(Backend, Plan.Model, Input.MaxTokens, ActivationMode.ForwardOnly, temporaries));
        StageModel stage = Own(new StageModel(
            Backend, Weights, Layout, p, e, rope, scratch, Input.MaxTokens, Options.SlotsPerRank, trains: false));
        Component[] program = ComponentOrder.Of(timetable, p, Layout);
        return new RankResources
        {
            Rank = rank,
            PipelineRank = p,
            ExpertRank = e,
            Backend = Backend,
            Stream = Own(Backend.CreateStream($"rank {rank} stage")),
            Layout = Layout,
            Stages = [stage],
            Programs = new Dictionary<StepMode, Component[]> { [StepMode.Prefill] = program, [StepMode.Decode] = program },
            Placements = new Dictionary<StepMode, Schedules.Placement> { [StepMode.Prefill] = timetable.Placement, [StepMode.Decode] = timetable.Placement },
            Exchanges = exchanges,
            Fabric = fabric,
            Experts = new ShardExperts(Backend, Backend.CreateStream($"rank {rank} experts"), Weights, Layout, [stage], e, exchanges, temporaries),
            Pipeline = pipeline,
            Input = Input,
            Caches = Own(new InferenceCaches(Backend, Plan.Model, Layout, [p], Options.SlotsPerRank, Options.MaxLength)),
            TrainingMode = ActivationMode.ForwardOnly,
            Time = Time,
            Telemetry = Telemetry,
        };
    }
}
