using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Placement;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Placement;
using Actors.Schedules;
using Actors.Tensors;

namespace Actors.Runtime.Training.Memory;

/// <summary>
/// What a rank takes by its place in the pipeline, in chunks: of its own, and of what the ranks of its domain share. How many chunks it holds follows from its timetable.
/// </summary>
internal sealed class StageMemory
{
    private readonly RunPlan _plan;
    private readonly IBackend _backend;
    private readonly StageLayout _layout;
    private readonly ExchangeMemory _exchange;
    private readonly bool _evaluates;
    private readonly int _tokens;
    private readonly double _exchanged;
    private readonly ChunksHeld _held;
    private readonly IReadOnlyList<int> _stages;
    private readonly RowCounts? _windows;
    private readonly Schedules.Placement[] _placements;
    private readonly int _pipelineRank;

    /// <summary>Plays a pipeline rank's list.</summary>
    /// <param name="plan">Its shape; it is checked.</param>
    /// <param name="backend">The device; nothing is allocated on it.</param>
    /// <param name="layout">Layers of the stages.</param>
    /// <param name="timetables">What passes play, the full one last.</param>
    /// <param name="pipelineRank">The rank.</param>
    /// <param name="evaluates">Whether the run measures the held-out loss.</param>
    public StageMemory(RunPlan plan, IBackend backend, StageLayout layout, IReadOnlyList<Timetable> timetables, int pipelineRank, bool evaluates)
    {
        (_plan, _backend, _layout, _evaluates, _pipelineRank) = (plan, backend, layout, evaluates, pipelineRank);
        _exchange = new ExchangeMemory(plan, backend);
        BatchPlan batch = plan.CutOf(plan.Sequences);
        _tokens = checked(batch.MaxChunkSequences * plan.SequenceLength);
        Sequences = batch.MaxChunkSequences;
        _exchanged = Math.Ceiling((double)batch.Sequences / plan.MicroBatches) * plan.SequenceLength;
        _placements = [.. timetables.Select(timetable => timetable.Placement)];
        _stages = _placements[^1].StagesOf(pipelineRank);
        _held = new ChunksHeld(timetables, pipelineRank, stage => new StageSize(layout.LayerCount(stage), RoutedLayers(stage)), putsOff: plan.ExpertRanks == 1);
        _windows = _exchange.Windows(_tokens);
    }

    /// <summary>Sequences of the largest chunk.</summary>
    public int Sequences { get; }

    /// <summary>Bytes of a chunk's rows for another stage, in the pool.</summary>
    public double HandOver => GrowingMemory.Pooled(RowBytes);

    private ModelConfig Model => _plan.Model;

    private double RowBytes => (double)_tokens * Model.HiddenSize * _backend.Precision.Rows.SizeInBytes();

    private int LogitsRows => LogitsBlocks.RowsOf(Model, _tokens, _plan.LogitsLimit);

    private bool RoutesOnHost => _plan.ExpertRanks > 1 && _windows is null;

    /// <summary>What the rank alone has.</summary>
    /// <param name="load">Of what routing.</param>
    /// <param name="rank">The rank.</param>
    public MemoryEstimate Own(RoutingLoad load, RankPosition rank)
    {
        MemoryEstimate chunks = default;
        foreach (int stage in _stages)
        {
            chunks += (_held.Of(stage) * Chunk(stage, _plan.Activations)) + (_evaluates ? Chunk(stage, ActivationMode.ForwardOnly) : default);
        }

        double experts = Outgrown(load, ExpertMemory.OfExchange(Model, _backend.Precision, load, Rows(load), LocalExperts));
        return chunks + Tokens() + MemoryEstimate.For(MemoryKind.Temporaries, ChunkMemory.OfScratch(_backend, Model, _tokens, ActivationMode.Recomputed))
            + MemoryEstimate.For(MemoryKind.Experts, ExchangesKept * experts) + MemoryEstimate.For(MemoryKind.Rows, _exchange.Sums)
            + (_backend.RunsAtOnce ? default : Temporaries(load)) + OwnRows(load, rank);

        MemoryEstimate Chunk(int stage, ActivationMode mode) =>
            ChunkMemory.OfChunk(_backend, Model, _layout, stage, _tokens, mode, LogitsRows, RoutesOnHost, Sequences)
            + MemoryEstimate.For(MemoryKind.Activations, _plan.MasksDocuments ? Arena.Plan(1, _tokens + 1, ElementType.Int32) : 0);
    }

    /// <summary>What the rank takes of the pool of its domain.</summary>
    public MemoryEstimate Shared(RoutingLoad load) => MemoryEstimate.For(
        MemoryKind.Rows,
        _exchange.HostWindows(load, _windows is null ? _exchanged : 0, _held.HasPairs) + (_backend.OrdersStreams ? 0 : HandOvers(load) * HandOver)
        + (_windows is null && !_backend.OrdersStreams ? SentCodes : 0));

    /// <summary>
    /// Temporaries that the rank has at once: a layer's where it computes, a feed-forward's of the layer before too, whose weight gradients are put off, and those of split
    /// backwards, until their weight gradients are due. At most one more of each: where an input comes late, other components run first.
    /// </summary>
    public MemoryEstimate Temporaries(RoutingLoad load)
    {
        (RowCounts rows, RowCounts most) counts = Rows(load);
        int late = load == RoutingLoad.Balanced ? 0 : 1;
        double experts = GrowingMemory.Of(load, counts.rows.Sorted, counts.most.Sorted, ExpertMemory.Lent(Model, _backend.Precision));
        double forward = GrowingMemory.Of(load, counts.rows.Sorted, counts.most.Sorted, ExpertMemory.LentToForward(Model, _backend.Precision));
        double dense = GrowingMemory.Of(load, _tokens, _tokens, ExpertMemory.LentToDense(Model, _backend.Precision));
        double attention = ChunkMemory.OfAttentionGradients(Model, _backend.Precision.Rows, _tokens);
        return MemoryEstimate.For(
                MemoryKind.Temporaries,
                ((_held.AttentionSets + late) * attention) + ((_held.DenseSets + late) * dense) + Outgrown(load, ((_held.ExpertSets + late) * experts) + (_held.ForwardSets * forward))
                + ((_backend.RunsAtOnce || load == RoutingLoad.Balanced ? 1 : 2) * ExpertMemory.OfCodes(Model, _backend.Precision, load, _tokens, counts, LocalExperts)))
            + MemoryEstimate.For(MemoryKind.Logits, _stages.Any(_layout.IsLast) ? ChunkMemory.OfLogitsBlock(_backend, Model, Math.Min(LogitsRows, _tokens), _evaluates) : 0);
    }

    /// <summary>Whether the rank plays a stage of a micro-batch in any pass.</summary>
    private bool IsHere(int stage, int microBatch) => _placements.Any(placement =>
        microBatch < placement.MicroBatches && placement.RankOf(stage, microBatch) == _pipelineRank);

    private int LocalExperts => Model.RoutedExperts / _plan.ExpertRanks;

    private double SentCodes => (_held.HasPairs ? 2 : 1) * _exchange.SentCodes(_tokens);

    /// <summary>Exchanges that the experts keep rows of: those whose backward is to come, and without windows on devices those of all chunks that were evaluated.</summary>
    private int ExchangesKept => _evaluates && _windows is null ? _stages.Sum(stage => RoutedLayers(stage) * _held.PlayedOf(stage)) : _held.MostExchanges;

    private (RowCounts Rows, RowCounts Most) Rows(RoutingLoad load) => _windows is { } planned ? (planned, planned) : _exchange.Rows(load, _exchanged);

    /// <summary>Memory that grows with what comes: a device that runs later than the host may still use what was outgrown, which is no more than the last.</summary>
    private double Outgrown(RoutingLoad load, double bytes) => _backend.RunsAtOnce || load == RoutingLoad.Balanced || !RoutesOnHost ? bytes : 2 * bytes;

    private int RoutedLayers(int stage) => Enumerable.Range(0, _layout.LayerCount(stage)).Count(layer => _layout.HasExperts(stage, layer));

    /// <summary>Rows of chunks for other stages, and gradients of the tokens' rows.</summary>
    private int HandOvers(RoutingLoad load) => _stages.Sum(stage => load == RoutingLoad.Balanced
        ? (StageLayout.IsFirst(stage) ? Math.Max(1, _held.SplitOf(stage)) : 1) + (_layout.IsLast(stage) ? 0 : 1)
        : _held.Of(stage) + (_plan.Stages == 1 ? 0 : 1));

    private MemoryEstimate OwnRows(RoutingLoad load, RankPosition rank)
    {
        if (!_backend.OrdersStreams)
        {
            return default;
        }

        double rows = SentCodes, host = 0;
        if (_windows is { } planned)
        {
            rows += _exchange.DeviceWindows(planned, rank.ExpertRank == 0, _held.HasPairs) + (_held.MostExchanges * _exchange.Places(_tokens)) + ExchangeMemory.Counts;
            host = ExchangeMemory.Counts;
        }

        bool lends = _plan.Stages > 1 && Enumerable.Range(0, _plan.PipelineRanks).Any(other => other != rank.PipelineRank
            && _plan.ReachOf(_plan.RankOf(rank.DataGroup, other, rank.ExpertRank)) == _plan.ReachOf(rank.Rank));
        int inputs = _stages.Any(StageLayout.IsFirst) ? _stages.Where(StageLayout.IsFirst).Sum(stage => Math.Max(1, _held.SplitOf(stage))) : 0;
        rows += (inputs * HandOver) + (lends ? Math.Max(RowLender.LeastPieces, HandOvers(load) - inputs) * RowBytes : (HandOvers(load) - inputs) * HandOver);
        return MemoryEstimate.For(MemoryKind.Rows, rows) + MemoryEstimate.For(MemoryKind.Rows, host, onHost: true);
    }

    /// <summary>Ids and targets of the chunks that enter or leave the pipeline here, their losses, and the loads of experts.</summary>
    private MemoryEstimate Tokens()
    {
        double row = Arena.Plan(1, _tokens, ElementType.Int32), device = 0, host = 0;
        for (int m = 0; m < _plan.MicroBatches; m++)
        {
            device += IsHere(0, m) ? row : 0;
            if (IsHere(_plan.Stages - 1, m))
            {
                device += row + (3 * Model.PredictLayers * row);
                host += (1 + Model.PredictLayers) * row;
            }
        }

        int layers = _stages.Sum(RoutedLayers);
        double loads = Arena.Plan(layers, Model.RoutedExperts, ElementType.Int32) + (_plan.BalancesSequences ? Arena.Plan(layers * _plan.MicroBatches, Sequences) : 0);
        return MemoryEstimate.For(MemoryKind.Tokens, device + loads) + MemoryEstimate.For(MemoryKind.Tokens, host + loads, _backend.OrdersStreams);
    }
}
