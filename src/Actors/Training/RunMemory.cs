using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Runtime.Cluster;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Schedules;
using Actors.Schedules.Generators;
using Actors.Tensors;

namespace Actors.Runtime.Training;

/// <summary>The data plane of a training run: beside the values each group's fabric, gradients, moments and the step's tokens.</summary>
public sealed class RunMemory : RankMemory
{
    private readonly TimeProvider _time;
    private readonly IReadOnlyDictionary<StepMode, Timetable> _timetables;
    private readonly NodeFabric[][] _fabrics;
    private readonly PipelineMemory[] _pipelines;
    private readonly StepMemory[] _steps;
    private readonly RankResources[] _ranks;
    private readonly TraceRecorder?[] _traces;
    private readonly RopeTables _rope;
    private readonly LayerTemporaries[] _temporaries;

    /// <summary>Allocates everything that a run of this shape needs.</summary>
    /// <param name="plan">Shape of the run; it is checked.</param>
    /// <param name="backend">The device.</param>
    /// <param name="makeLink">Makes a link for one user.</param>
    /// <param name="time">Measures.</param>
    /// <param name="telemetry">Where the run logs and counts; null: nowhere.</param>
    public RunMemory(RunPlan plan, IBackend backend, Func<ITensorLink> makeLink, TimeProvider time, Telemetry? telemetry = null)
        : base(plan, backend, makeLink, weights: null, telemetry)
    {
        _time = time;
        Timetable training = plan.CreateTimetable();
        _timetables = new Dictionary<StepMode, Timetable>
        {
            [StepMode.Train] = training,
            [StepMode.Evaluate] = ForwardOnly.Create(training.Placement),
        };
        _rope = Own(new RopeTables(backend, Stream, plan.Model, plan.SequenceLength));
        _fabrics = new NodeFabric[plan.DataGroups * plan.PipelineRanks][];
        _pipelines = new PipelineMemory[plan.DataGroups];
        _steps = new StepMemory[plan.DataGroups];
        _traces = new TraceRecorder?[plan.Ranks];
        BuildGroups();
        _temporaries = OwnTemporaries(_steps.Max(step => step.MaxTokens));
        _ranks = BuildRanks();
    }

    /// <summary>What a training step plays.</summary>
    public Timetable TrainingTimetable => _timetables[StepMode.Train];

    /// <summary>Tokens of the present step of a data group.</summary>
    public StepMemory Step(int dataGroup) => _steps[dataGroup];

    /// <summary>What a rank has traced, or null.</summary>
    public TraceRecorder? Trace(int rank) => _traces[rank];

    /// <summary>The optimizer's moments of every trained block, in model order; read or set while no step runs.</summary>
    public IReadOnlyList<TrainedBlock> Moments() =>
        [.. Owners().Select(entry => TrainedBlock.Of(entry.Optimizer.AdamW, entry.Owned.Block))];

    internal override RankResources Rank(int rank) => _ranks[rank];

    /// <summary>Each trained block and the optimizer of the rank that owns it, in model order.</summary>
    internal IEnumerable<(OwnedBlock Owned, RankOptimizer Optimizer)> Owners() => _ranks
        .SelectMany(rank => rank.Optimizer!.Blocks.Select(owned => (Owned: owned, rank.Optimizer)))
        .OrderBy(entry => entry.Owned.Number);

    private void BuildGroups()
    {
        for (int d = 0; d < Plan.DataGroups; d++)
        {
            var batch = new BatchPlan(Plan.Sequences / Plan.DataGroups, Plan.MicroBatches, Plan.ExpertRanks);
            _steps[d] = Own(new StepMemory(Backend, Plan.Model, batch, Plan.SequenceLength));
            _pipelines[d] = new PipelineMemory(Pool, Plan.Stages, Plan.MicroBatches, Plan.ExpertRanks);
            for (int p = 0; p < Plan.PipelineRanks; p++)
            {
                _fabrics[(d * Plan.PipelineRanks) + p] = OwnFabric(ExchangesOf(p).Count);
            }
        }
    }

    private ExchangeSpace ExchangesOf(int pipelineRank) =>
        new(TrainingTimetable.Placement.StagesOf(pipelineRank), Layout.MaxLayerCount, Plan.MicroBatches);

    private RankResources[] BuildRanks()
    {
        var stages = new StageModel[Plan.Ranks][];
        var streams = new IStream[Plan.Ranks];
        for (int rank = 0; rank < Plan.Ranks; rank++)
        {
            streams[rank] = Own(Backend.CreateStream($"rank {rank} stage"));
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
        // An evaluation keeps no projections, also where training does.
        AttentionScratch scratch = Own(new AttentionScratch(Backend, Plan.Model, step.MaxTokens, ActivationMode.Recomputed, _temporaries[rank]));
        return [.. TrainingTimetable.Placement.StagesOf(pipelineRank).Select(stage => Own(new StageModel(
            Backend, Weights, Layout, stage, expertRank, _rope, scratch, step.MaxTokens, step.Plan.MaxChunkSequences, trains: true)))];
    }

    private RankResources BuildRank(int rank, IStream stream, StageModel[] stages, List<OwnedBlock> blocks)
    {
        (int pipelineRank, int expertRank) = PositionOf(rank);
        int dataGroup = rank / (Plan.PipelineRanks * Plan.ExpertRanks);
        _traces[rank] = Plan.TraceCapacity > 0 ? new TraceRecorder(Plan.TraceCapacity) : null;
        var optimizer = Own(new RankOptimizer(Backend, MakeLink(), blocks, rank == 0 ? AllBiases() : []));
        optimizer.AdamW.Reset(Stream);
        ExchangeSpace exchanges = ExchangesOf(pipelineRank);
        IStream shardStream = Backend.CreateStream($"rank {rank} experts");
        return new RankResources
        {
            Rank = rank,
            PipelineRank = pipelineRank,
            ExpertRank = expertRank,
            Backend = Backend,
            Stream = stream,
            Layout = Layout,
            Stages = [.. stages],
            Programs = _timetables.ToDictionary(entry => entry.Key, entry => ComponentOrder.Of(entry.Value, pipelineRank, Layout)),
            Placements = _timetables.ToDictionary(entry => entry.Key, entry => entry.Value.Placement),
            Exchanges = exchanges,
            Fabric = _fabrics[(dataGroup * Plan.PipelineRanks) + pipelineRank][Plan.ExpertPlacement().NodeOf(expertRank)],
            Experts = new ShardExperts(Backend, shardStream, Weights, Layout, stages, expertRank, exchanges, _temporaries[rank]),
            Pipeline = _pipelines[dataGroup],
            Input = _steps[dataGroup],
            Step = _steps[dataGroup],
            Optimizer = optimizer,
            TrainingMode = Plan.Activations,
            Time = _time,
            Trace = _traces[rank],
            Telemetry = Telemetry,
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
            GradientSet? own = null;
            for (int rank = 0; rank < stages.Length; rank++)
            {
                foreach (StageModel stage in stages[rank])
                {
                    if (stage.Gradients!.Blocks.Contains(block))
                    {
                        holders.Add(stage.Gradients);
                        if (owner < 0 || load[rank] < load[owner])
                        {
                            (owner, own) = (rank, stage.Gradients);
                        }
                    }
                }
            }

            load[owner] += block.Values.Count;
            owned[owner].Add(new OwnedBlock(number, block, holders, own!));
        }

        return owned;
    }

    private List<(int Layer, ParameterBlock Bias)> AllBiases() =>
        [.. Weights.Layers.Where(layer => layer.CorrectionBias is not null).Select(layer => (layer.Layer, layer.CorrectionBias!))];
}
