using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Runtime.Fabric;
using Actors.Runtime.Stages;
using Actors.Schedules;
using Actors.Schedules.Generators;
using Actors.Tensors;

namespace Actors.Runtime.Training;

/// <summary>
/// The data plane of a run in one process: the model's values, which all ranks of the process read, each group's fabric, and
/// each rank's own resources. Actors get it when they are made; messages name what lies in it.
/// </summary>
public sealed class RunMemory : IDisposable
{
    private readonly IBackend _backend;
    private readonly Func<ITensorLink> _makeLink;
    private readonly TimeProvider _time;
    private readonly StageLayout _layout;
    private readonly IReadOnlyDictionary<StepMode, Timetable> _timetables;
    private readonly List<IDisposable> _owned = [];
    private readonly FabricMemory[] _fabrics;
    private readonly PipelineMemory[] _pipelines;
    private readonly StepMemory[] _steps;
    private readonly RankResources[] _ranks;
    private readonly TrafficCounters[] _traffic;
    private readonly TraceRecorder?[] _traces;
    private readonly RopeTables _rope;

    /// <summary>Allocates everything that a run of this shape needs.</summary>
    /// <param name="plan">Shape of the run; it is checked.</param>
    /// <param name="backend">The device.</param>
    /// <param name="makeLink">Makes a link for a channel's own use.</param>
    /// <param name="time">Measures.</param>
    public RunMemory(RunPlan plan, IBackend backend, Func<ITensorLink> makeLink, TimeProvider time)
    {
        Plan = plan.Validated();
        _backend = backend;
        _makeLink = makeLink;
        _time = time;
        _layout = new StageLayout(plan.Model, plan.PipelineRanks);
        Timetable training = plan.TrainingTimetable();
        _timetables = new Dictionary<StepMode, Timetable>
        {
            [StepMode.Train] = training,
            [StepMode.Evaluate] = ForwardOnly.Create(training.Placement),
        };
        Stream = Own(backend.CreateStream("coordinator"));
        Weights = Own(new ModelWeights(backend, plan.Model, ModelPart.Whole(plan.Model, plan.ExpertPlacement())));
        _rope = Own(new RopeTables(backend, Stream, plan.Model, plan.Model.MaxPositions));
        Pool = Own(new TensorPool(backend));
        _fabrics = new FabricMemory[plan.DataGroups * plan.PipelineRanks];
        _pipelines = new PipelineMemory[plan.DataGroups];
        _steps = new StepMemory[plan.DataGroups];
        _traffic = new TrafficCounters[plan.Ranks * plan.Fabric.Channels];
        _traces = new TraceRecorder?[plan.Ranks];
        BuildGroups();
        _ranks = BuildRanks();
    }

    /// <summary>Shape of the run.</summary>
    public RunPlan Plan { get; }

    /// <summary>Every value of the model.</summary>
    public ModelWeights Weights { get; }

    /// <summary>For work while no step runs: initializing, loading, saving.</summary>
    public IStream Stream { get; }

    /// <summary>Lends tensors of changing size.</summary>
    public TensorPool Pool { get; }

    /// <summary>What a training step plays.</summary>
    public Timetable TrainingTimetable => _timetables[StepMode.Train];

    /// <summary>Tokens of the present step of a data group.</summary>
    public StepMemory Step(int dataGroup) => _steps[dataGroup];

    /// <summary>What a rank has traced, or null.</summary>
    public TraceRecorder? Trace(int rank) => _traces[rank];

    /// <summary>What a channel has moved.</summary>
    public TrafficCounters Traffic(int rank, int channel) => _traffic[(rank * Plan.Fabric.Channels) + channel];

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }
    }

    internal RankResources Rank(int rank) => _ranks[rank];

    internal ITensorLink MakeLink() => _makeLink();

    internal IBackend Backend => _backend;

    /// <summary>The rank that owns each trained block, and its optimizer, in model order.</summary>
    internal IEnumerable<(ParameterBlock Block, RankOptimizer Owner)> Owners() => _ranks
        .SelectMany(rank => rank.Optimizer.Blocks.Select(owned => (owned.Number, owned.Block, rank.Optimizer)))
        .OrderBy(owned => owned.Number)
        .Select(owned => (owned.Block, owned.Optimizer));

    private void BuildGroups()
    {
        for (int d = 0; d < Plan.DataGroups; d++)
        {
            var batch = new BatchPlan(Plan.Sequences / Plan.DataGroups, Plan.MicroBatches, Plan.ExpertRanks);
            _steps[d] = Own(new StepMemory(_backend, Plan.Model, batch, Plan.SequenceLength));
            _pipelines[d] = new PipelineMemory(Pool, Plan.PipelineRanks, Plan.MicroBatches, Plan.ExpertRanks);
            for (int p = 0; p < Plan.PipelineRanks; p++)
            {
                _fabrics[(d * Plan.PipelineRanks) + p] = Own(new FabricMemory(_backend, Plan.GroupShape(), Plan.Fabric, ExchangesOf(p).Count));
            }
        }

        for (int i = 0; i < _traffic.Length; i++)
        {
            _traffic[i] = new TrafficCounters();
        }
    }

    private ExchangeSpace ExchangesOf(int pipelineRank) =>
        new(TrainingTimetable.Placement.StagesOf(pipelineRank), _layout.MaxLayerCount, Plan.MicroBatches);

    private RankResources[] BuildRanks()
    {
        var stages = new StageModel[Plan.Ranks][];
        var streams = new IStream[Plan.Ranks];
        for (int rank = 0; rank < Plan.Ranks; rank++)
        {
            streams[rank] = _backend.CreateStream($"rank {rank} stage");
            stages[rank] = BuildStages(rank);
        }

        List<OwnedBlock>[] blocks = AssignBlocks(stages);
        var ranks = new RankResources[Plan.Ranks];
        for (int rank = 0; rank < Plan.Ranks; rank++)
        {
            ranks[rank] = BuildRank(rank, streams[rank], stages[rank], blocks[rank]);
        }

        return ranks;
    }

    private StageModel[] BuildStages(int rank)
    {
        (int pipelineRank, int expertRank) = PositionOf(rank);
        StepMemory step = _steps[rank / (Plan.PipelineRanks * Plan.ExpertRanks)];
        AttentionScratch scratch = Own(new AttentionScratch(_backend, Plan.Model, step.MaxTokens, Plan.Activations));
        return [.. TrainingTimetable.Placement.StagesOf(pipelineRank).Select(stage => new StageModel(
            _backend, Weights, _layout, stage, expertRank, _rope, scratch, step.MaxTokens, step.Plan.MaxChunkSequences))];
    }

    private RankResources BuildRank(int rank, IStream stream, StageModel[] stages, List<OwnedBlock> blocks)
    {
        (int pipelineRank, int expertRank) = PositionOf(rank);
        int dataGroup = rank / (Plan.PipelineRanks * Plan.ExpertRanks);
        _traces[rank] = Plan.TraceCapacity > 0 ? new TraceRecorder(Plan.TraceCapacity) : null;
        var optimizer = Own(new RankOptimizer(_backend, _makeLink(), blocks, rank == 0 ? AllBiases() : []));
        optimizer.AdamW.Reset(Stream);
        ExchangeSpace exchanges = ExchangesOf(pipelineRank);
        IStream shardStream = _backend.CreateStream($"rank {rank} experts");
        return new RankResources
        {
            Rank = rank,
            PipelineRank = pipelineRank,
            ExpertRank = expertRank,
            Backend = _backend,
            Stream = stream,
            Layout = _layout,
            Stages = stages,
            Programs = _timetables.ToDictionary(entry => entry.Key, entry => ComponentOrder.Of(entry.Value, pipelineRank, _layout)),
            Placements = _timetables.ToDictionary(entry => entry.Key, entry => entry.Value.Placement),
            Exchanges = exchanges,
            Fabric = _fabrics[(dataGroup * Plan.PipelineRanks) + pipelineRank],
            Experts = new ShardExperts(_backend, shardStream, Weights, _layout, stages, expertRank, exchanges),
            Pipeline = _pipelines[dataGroup],
            Step = _steps[dataGroup],
            Optimizer = optimizer,
            TrainingMode = Plan.Activations,
            Time = _time,
            Trace = _traces[rank],
        };
    }

    /// <summary>Every block's holders in rank order; ownership goes around among them, so that each rank updates its share.</summary>
    private List<OwnedBlock>[] AssignBlocks(StageModel[][] stages)
    {
        var owned = new List<OwnedBlock>[Plan.Ranks];
        var load = new long[Plan.Ranks];
        for (int rank = 0; rank < owned.Length; rank++)
        {
            owned[rank] = [];
        }

        for (int number = 0; number < Weights.Blocks.Count; number++)
        {
            ParameterBlock block = Weights.Blocks[number];
            if (!block.IsTrained)
            {
                continue;
            }

            var holders = new List<GradientSet>();
            int owner = -1;
            for (int rank = 0; rank < stages.Length; rank++)
            {
                foreach (StageModel stage in stages[rank])
                {
                    if (stage.Gradients.Blocks.Contains(block))
                    {
                        holders.Add(stage.Gradients);
                        owner = owner < 0 || load[rank] < load[owner] ? rank : owner;
                    }
                }
            }

            load[owner] += block.Values.Count;
            owned[owner].Add(new OwnedBlock(number, block, holders));
        }

        return owned;
    }

    private List<(int Layer, ParameterBlock Bias)> AllBiases() =>
        [.. Weights.Layers.Where(layer => layer.CorrectionBias is not null).Select(layer => (layer.Layer, layer.CorrectionBias!))];

    private (int PipelineRank, int ExpertRank) PositionOf(int rank) =>
        (rank / Plan.ExpertRanks % Plan.PipelineRanks, rank % Plan.ExpertRanks);

    private T Own<T>(T resource)
        where T : IDisposable
    {
        _owned.Add(resource);
        return resource;
    }
}
