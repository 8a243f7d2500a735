using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Runtime.Cluster;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training.Checkpoints;
using Actors.Runtime.Training.Copies;
using Actors.Runtime.Training.Memory;
using Actors.Schedules;
using Actors.Schedules.Generators;
using Actors.Tensors;

namespace Actors.Runtime.Training;

/// <summary>A training run as far as it lives in this process: beside the values each rank's gradients, moments and tokens.</summary>
public sealed class TrainingHost : RunHost
{
    private readonly TimeProvider _time;
    private readonly Dictionary<(StepMode Mode, int MicroBatches), Timetable> _timetables = [];
    private readonly NodeFabric?[][] _fabrics;
    private readonly TrainingResources?[] _ranks;
    private readonly TraceRecorder?[] _traces;
    private readonly CopyPlacement? _copyPlacement;
    private readonly SortedDictionary<int, StateCopy> _copies = [];

    /// <summary>Allocates everything that a run of this shape needs.</summary>
    /// <param name="plan">Shape of the run; it is checked.</param>
    /// <param name="devices">As many as the plan says; of more the first ones are used.</param>
    /// <param name="time">Measures.</param>
    /// <param name="telemetry">Where the run logs and counts; null: nowhere.</param>
    /// <param name="share">What of the plan lives in this process; null: all.</param>
    public TrainingHost(
        RunPlan plan, RunDevices devices, TimeProvider time, Telemetry? telemetry = null, HostShare? share = null)
        : base(plan, devices, telemetry, share)
    {
        _time = time;
        _copyPlacement = plan.Replicas > 0 && share is { Processes.Length: > 1 } ? new CopyPlacement(plan, share.Processes) : null;
        foreach (int microBatches in plan.MicroBatchCounts())
        {
            Timetable training = plan.CreateTimetable(microBatches);
            _timetables.Add((StepMode.Train, microBatches), training);
            _timetables.Add((StepMode.Evaluate, microBatches), ForwardOnly.Create(training.Placement));
        }

        Domains = OwnDomains(pipelineRank => TrainingTimetable.Placement.StagesOf(pipelineRank), plan.SequenceLength);
        _traces = [.. Enumerable.Range(0, plan.Ranks).Select(rank => plan.TraceCapacity > 0 && IsHere(rank) ? new TraceRecorder(plan.TraceCapacity) : null)];
        _fabrics = [.. Enumerable.Range(0, plan.DataGroups * plan.PipelineRanks).Select(group =>
            OwnFabric(group / plan.PipelineRanks, group % plan.PipelineRanks, ExchangesOf(group % plan.PipelineRanks).Count))];
        _ranks = BuildRanks();
    }

    /// <summary>What a full pass of a training step plays. Passes of fewer micro-batches have stages on the same ranks.</summary>
    public Timetable TrainingTimetable => _timetables[(StepMode.Train, Plan.MicroBatches)];

    /// <summary>Every block of the model that this process holds, in model order; read while no step runs.</summary>
    public IEnumerable<ParameterBlock> Blocks() => Enumerable.Range(0, Catalog.Count).SelectMany(number => Domains
        .Select(domain => domain.Block(number)).OfType<ParameterBlock>().Take(1));

    /// <summary>The optimizer's moments of every trained block, in model order; read or set while no step runs.</summary>
    public IReadOnlyList<TrainedBlock> Moments() =>
        [.. Owners().Select(entry => TrainedBlock.Of(entry.Optimizer.AdamW, entry.Owned.Block, entry.Optimizer.Average?.Values))];

    /// <summary>Blocks of which this process keeps copies for ranks of another, after the stream that fills them; read or set while no step runs.</summary>
    public (IStream Stream, IReadOnlyList<ParameterBlock> Blocks) Copies() => (Domains[0].Stream, [.. _copies.Values.SelectMany(copy => copy.Blocks)]);

    /// <summary>The moments of the trained ones among <see cref="Copies"/>.</summary>
    public IReadOnlyList<TrainedBlock> CopiedMoments() => [.. _copies.Values.SelectMany(copy => copy.Moments)];

    /// <summary>What the run has taken at most so far, by rank and domain.</summary>
    public MemoryTable MemoryTaken() => new(
        Plan, [.. RankTallies.Select(MemoryEstimate.Of)], [.. DomainTallies.Zip(TransportTallies, static (domain, transport) => MemoryEstimate.Of(domain) + MemoryEstimate.Of(transport))]);

    /// <summary>Writes the files of this process into a checkpoint.</summary>
    internal BlockWriter WriteBlocks { get; set; } = TrainingCheckpoint.Write;

    /// <summary>Ends when no checkpoint is written from this memory any more.</summary>
    internal Task Saving { get; set; } = Task.CompletedTask;

    /// <summary>The values of a block where a rank of this process has them, or where a copy of a rank's is kept here.</summary>
    internal ParameterBlock BlockAt(int rank, int number) => IsHere(rank) ? DomainOf(rank).Block(number)! : CopyOf(rank).Block(number);

    /// <summary>A block with its moments, at the rank of this process that owns it, or in its copy.</summary>
    internal TrainedBlock MomentsAt(int rank, ParameterBlock block) => IsHere(rank)
        ? TrainedBlock.Of(RankHere(rank).Optimizer.AdamW, block, RankHere(rank).Optimizer.Average?.Values)
        : CopyOf(rank).MomentsOf(block);

    /// <summary>Ends when the averages of this process are those of its values.</summary>
    internal Task WhenAveraged() => Task.WhenAll(Averages().Select(average => average.Idle));

    internal override RankResources Rank(int rank) => RankHere(rank);

    internal override long MaxFrameElements => Math.Max(
        (long)LocalRanks.Max(rank => RankHere(rank).Tokens.MaxTokens) * Plan.Model.HiddenSize, Blocks().Concat(Copies().Blocks).Max(block => block.Values.Count));

    /// <summary>Says where ranks draw their tokens from.</summary>
    /// <param name="source">Draws them; null where only given batches are run.</param>
    /// <param name="stallTimeout">Longest wait for what a device has yet to do when the host is freed.</param>
    internal void Open(IBatchSource? source, TimeSpan stallTimeout)
    {
        foreach (RankAverage average in Averages())
        {
            average.Limit = stallTimeout;
        }

        foreach (TrainingResources rank in _ranks.OfType<TrainingResources>())
        {
            rank.Tokens.Source = source;
        }
    }

    /// <summary>Each trained block and the optimizer of the rank that owns it, in model order.</summary>
    internal IEnumerable<(OwnedBlock Owned, RankOptimizer Optimizer)> Owners() => _ranks.OfType<TrainingResources>()
        .SelectMany(rank => rank.Optimizer.Blocks.Select(owned => (Owned: owned, rank.Optimizer)))
        .OrderBy(entry => entry.Owned.Number);

    /// <summary>The averages that ranks of this process keep, of what they own and of what they copy.</summary>
    private IEnumerable<RankAverage> Averages() => _ranks.OfType<TrainingResources>().Select(rank => rank.Optimizer.Average)
        .Concat(_copies.Values.Select(copy => copy.Average)).OfType<RankAverage>();

    private StateCopy CopyOf(int rank) => _copies.TryGetValue(rank, out StateCopy? copy)
        ? copy
        : throw new InvalidOperationException($"Rank {rank} lives in another process, and no copy of what it owns is kept here.");

    private ExchangeSpace ExchangesOf(int pipelineRank) =>
        new(TrainingTimetable.Placement.StagesOf(pipelineRank), Layout.MaxLayerCount, Plan.MicroBatches);

    private NodeFabric FabricOf(RankPosition position) =>
        _fabrics[(position.DataGroup * Plan.PipelineRanks) + position.PipelineRank][Plan.ExpertPlacement().NodeOf(position.ExpertRank)]!;

    private TrainingResources RankHere(int rank) => Here(_ranks[rank], rank);

    private TrainingResources?[] BuildRanks()
    {
        var tokens = new StepTokens[Plan.Ranks];
        var stages = new StageModel[]?[Plan.Ranks];
        Schedules.Placement[] placements = [.. _timetables.Values.Select(timetable => timetable.Placement).Distinct()];
        foreach (int rank in LocalRanks)
        {
            tokens[rank] = DomainOf(rank).Own(new StepTokens(OwnOf(rank).For(MemoryKind.Tokens), Plan, Plan.PositionOf(rank), placements));
            stages[rank] = BuildStages(Plan.PositionOf(rank), tokens[rank]);
        }

        BuildCopies();
        var shares = new BlockShares(Plan, BlockOwner.Assign(Plan, Layout, TrainingTimetable.Placement), Domains, stages, ReachOf);
        return [.. stages.Select((held, rank) => held is null ? null : BuildRank(Plan.PositionOf(rank), tokens[rank], held, shares))];
    }

    private void BuildCopies()
    {
        if (_copyPlacement is not { } placement)
        {
            return;
        }

        using var shapes = new ShapeBackend();
        using var whole = new ModelWeights(shapes, Plan.Model, ModelPart.Whole(Plan.Model, Plan.ExpertPlacement()));
        ILookup<int, BlockHome> homes = BlockHome.Of(Plan, Layout, TrainingTimetable.Placement).ToLookup(home => home.Rank);
        foreach (int keeper in LocalRanks)
        {
            MemoryDomain domain = DomainOf(keeper);
            foreach (int owner in placement.KeptBy(keeper))
            {
                _copies.Add(owner, domain.Own(new StateCopy(OwnOf(keeper).For(MemoryKind.Copies), domain.Stream, homes[owner], whole, Plan.Moments, Plan.Average, $"copy of rank {owner}")));
            }
        }
    }

    private StageModel[] BuildStages(RankPosition position, StepTokens tokens)
    {
        MemoryDomain domain = DomainOf(position.Rank);
        IBackend own = OwnOf(position.Rank);
        // An evaluation keeps no projections, also where training does.
        LayerTemporaries temporaries = domain.Temporaries(position.Rank, own, tokens.MaxTokens);
        AttentionScratch scratch = domain.Own(new AttentionScratch(own.For(MemoryKind.Temporaries), Plan.Model, tokens.MaxTokens, ActivationMode.Recomputed, temporaries));
        int logitsRows = LogitsBlocks.RowsOf(Plan.Model, tokens.MaxTokens, Plan.LogitsLimit);
        IReadOnlyList<int> stages = TrainingTimetable.Placement.StagesOf(position.PipelineRank);
        var gradients = domain.Own(new GradientSet(
            own.For(MemoryKind.Gradients), StageModel.BlocksOf(domain.Weights, Layout, stages, Plan.ExpertPlacement().ExpertsOf(position.ExpertRank))));
        return [.. stages.Select(stage => domain.Own(new StageModel(
            own.For(MemoryKind.Activations), domain.Weights, Layout, stage, domain.Rope, scratch, temporaries, tokens.MaxTokens, tokens.MaxSequences, gradients,
            RoutesOnHost(FabricOf(position)), logitsRows)))];
    }

    private TrainingResources BuildRank(RankPosition position, StepTokens tokens, StageModel[] stages, BlockShares shares)
    {
        int rank = position.Rank;
        MemoryDomain domain = DomainOf(rank);
        IBackend own = OwnOf(rank);
        IStream stream = domain.Own(domain.Backend.CreateStream($"rank {rank} stage"));
        RankAverage? average = Plan.Average is { } options
            ? domain.Own(new RankAverage(own.For(MemoryKind.Averages), shares.OwnedBy(rank).Select(owned => owned.Block), options, $"rank {rank}"))
            : null;
        var optimizer = domain.Own(new RankOptimizer(own.For(MemoryKind.Moments), shares.OwnedBy(rank), shares.BiasesOf(rank), Plan.Moments) { Average = average });
        optimizer.AdamW.Reset(domain.Stream);
        ExchangeSpace exchanges = ExchangesOf(position.PipelineRank);
        int[] layers = [.. stages.SelectMany(stage => Enumerable.Range(0, Layout.LayerCount(stage.Stage))
            .Where(layer => Layout.HasExperts(stage.Stage, layer)).Select(layer => Layout.LayerOf(stage.Stage, layer))).Order()];
        TensorPool pool = StagePool(domain, rank);
        FramePort frames = OwnFrames(rank, pool, stream, tokens.MaxTokens);
        return new TrainingResources
        {
            Plan = Plan,
            Position = position,
            Backend = own,
            Pool = pool,
            ArrivalPool = domain.Pool,
            Stream = stream,
            Layout = Layout,
            Stages = [.. stages],
            Programs = _timetables.ToDictionary(
                entry => entry.Key, entry => new StageProgram(ComponentOrder.Of(entry.Value, position.PipelineRank, Layout), entry.Value.Placement)),
            Exchanges = exchanges,
            Fabric = FabricOf(position),
            Experts = new ShardExperts(
                own.For(MemoryKind.Experts), ShardStream(rank, stream), domain.Weights, Layout, stages,
                Plan.ExpertPlacement().ExpertsOf(position.ExpertRank), exchanges, domain.Temporaries(rank, own, tokens.MaxTokens), !RoutesOnHost(FabricOf(position))),
            Frames = frames,
            MakeLink = () => MakeLink(rank),
            Traffic = TrafficOf(rank),
            Tokens = tokens,
            Loads = domain.Own(new ExpertLoads(own.For(MemoryKind.Tokens), layers, Plan.Model.RoutedExperts)),
            Balances = domain.Own(new BalanceLosses(own.For(MemoryKind.Tokens), layers, Plan.MicroBatches, tokens.MaxSequences)),
            Optimizer = optimizer,
            Reduction = domain.Own(new GradientReduction(
                shares.PartsOf(rank), optimizer, frames, stream, MakeLink(rank), rank, _copyPlacement?.KeeperOf(rank), Backend.OrdersStreams)),
            State = new RankState(
                rank, optimizer, (_copyPlacement?.KeptBy(rank) ?? []).ToDictionary(owner => owner, CopyOf), frames, stream),
            Values = new ValueGather(shares.RoutesOf(rank), shares.AwaitedBy(rank), frames, stream, Backend.OrdersStreams
                ? domain.Own(new ValueReads(rank, shares.ReadsOf(rank), shares.ReadersOf(rank), Plan.Ranks, domain.Backend, frames, stream)) : null),
            Activations = Plan.Activations,
            Time = _time,
            Trace = _traces[rank],
            Telemetry = Telemetry,
        };
    }
}
