using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Runtime.Cluster;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Tensors;

namespace Actors.Runtime.Training.Memory;

/// <summary>
/// Estimates the memory of a run from its shape, before anything is allocated, as its first steps may take it: a run that has no room for it is refused. Rows are counted
/// as the device's precision stores them; all else is float32. <see cref="TrainingMemory"/> says it of a training run by rank and kind.
/// </summary>
public static class MemoryPlan
{
    /// <summary>Floats of memory that grows by powers of two, for each that is used, at most.</summary>
    private const double Growth = 2;

    /// <summary>A larger model has no exact estimate: it fits nowhere.</summary>
    internal const double Countable = 1L << 56;

    /// <summary>A training run: steps, the held-out loss, checkpoints.</summary>
    /// <param name="plan">Its shape; it is checked.</param>
    /// <param name="backend">The device; nothing is allocated on it.</param>
    public static MemoryEstimate OfTraining(RunPlan plan, IBackend backend) => new TrainingMemory(plan, backend).Of(RoutingLoad.Expected).Total;

    /// <summary>What is kept of values beside themselves and their gradients: moments, and averages with their snapshots.</summary>
    internal static double OfState(RunPlan plan, double trained) => (2 * trained * plan.Moments.SizeInBytes() / sizeof(float)) + OfAverages(plan, trained);

    /// <summary>The average of the parameters and a snapshot of them, in float32 and in the host's memory whatever the device.</summary>
    /// <param name="plan">Its shape; it is checked.</param>
    /// <returns>Bytes of all ranks; 0 where no average is kept.</returns>
    public static double OfAverages(RunPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return OfAverages(plan, OfValues(plan.Model));
    }

    private static double OfAverages(RunPlan plan, double trained) => plan.Average is null ? 0 : 2 * trained;

    /// <summary>Training without actors: one set of gradients, the chunks of one micro-batch.</summary>
    public static MemoryEstimate OfSerialTraining(RunPlan plan, IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(plan);
        MemoryEstimate values = OfValues(plan with { SeparatesNodes = false, Devices = 1 }, backend, StagesOf(plan), out double trained);
        return values + MemoryEstimate.For(MemoryKind.Gradients, trained) + MemoryEstimate.For(MemoryKind.Moments, OfState(plan, trained))
            + MemoryEstimate.For(MemoryKind.Activations, OfMicroBatch(plan, backend, plan.Activations));
    }

    /// <summary>An evaluation, with what it keeps for its output.</summary>
    /// <param name="plan">Its shape; it is checked.</param>
    /// <param name="backend">The device; nothing is allocated on it.</param>
    /// <param name="isSerial">Whether it goes without actors.</param>
    public static MemoryEstimate OfEvaluation(RunPlan plan, IBackend backend, bool isSerial)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return (isSerial ? OfSerialTraining(plan with { LogitsLimit = long.MaxValue }, backend) : OfTraining(plan, backend)) + OfLogits(plan);
    }

    /// <summary>Logits that an evaluation keeps for its output.</summary>
    public static MemoryEstimate OfLogits(RunPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        const int Copies = 3;
        return MemoryEstimate.For(MemoryKind.Logits, Copies * 4.0 * plan.TokensPerStep * plan.Model.VocabularySize);
    }

    /// <summary>Serving.</summary>
    /// <param name="plan">The placement; it is checked.</param>
    /// <param name="options">Limits.</param>
    /// <param name="backend">The device; nothing is allocated on it.</param>
    /// <param name="sharesWeights">Whether the values are somebody else's.</param>
    public static MemoryEstimate OfServing(RunPlan plan, InferenceOptions options, IBackend backend, bool sharesWeights = false)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(options);
        RunPlan served = WithoutModules(plan);
        MemoryEstimate values = sharesWeights ? default : OfValues(served, backend, stagesOf: null, out _);
        return values + OfSequences(served, options, backend, (double)options.MaxLength * plan.ExpertRanks);
    }

    /// <summary>One sequence served on values of somebody else, whichever rank it falls to.</summary>
    /// <param name="plan">The placement; it is checked.</param>
    /// <param name="options">Limits.</param>
    /// <param name="backend">The device; nothing is allocated on it.</param>
    public static MemoryEstimate OfSample(RunPlan plan, InferenceOptions options, IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(options);
        return OfSequences(WithoutModules(plan), options, backend, options.MaxLength);
    }

    /// <summary>Text is generated without prediction modules.</summary>
    private static RunPlan WithoutModules(RunPlan plan) => plan with { Model = plan.Model with { PredictLayers = 0 } };

    /// <summary>Serving without the values.</summary>
    /// <param name="plan">The placement.</param>
    /// <param name="options">Limits.</param>
    /// <param name="backend">The device.</param>
    /// <param name="routed">Tokens of all ranks in the largest step.</param>
    private static MemoryEstimate OfSequences(RunPlan plan, InferenceOptions options, IBackend backend, double routed)
    {
        ModelConfig model = plan.Model;
        int tokens = options.MaxLength;
        double row = RowElement(backend);
        double cache = row * model.Layers * options.SlotsPerRank * tokens * (model.KeyValueRank + model.RopeHeadSize)
            + (4.0 * options.SlotsPerRank * model.VocabularySize);
        var layout = new StageLayout(model, plan.PipelineRanks);
        double chunks = 0;
        for (int stage = 0; stage < layout.Stages; stage++)
        {
            chunks += ChunkMemory.OfChunk(backend, model, layout, stage, tokens, ActivationMode.ForwardOnly, logitsRows: 0).Buffers
                + ChunkMemory.OfScratch(backend, model, tokens, ActivationMode.ForwardOnly);
        }

        var exchange = new ExchangeMemory(plan, backend);
        double experts = (model.Layers - model.FirstDenseLayers) * OfExpertRows(plan, backend, exchange, routed);
        double rows = exchange.HostWindows(RoutingLoad.Expected, routed, hasPairs: false) + GrowingMemory.Pooled(row * tokens * model.HiddenSize) + exchange.SentCodes(tokens);
        return MemoryEstimate.For(MemoryKind.Activations, plan.ExpertRanks * (cache + chunks)) + MemoryEstimate.For(MemoryKind.Experts, plan.ExpertRanks * experts)
            + MemoryEstimate.For(MemoryKind.Temporaries, OfExpertTemporaries(plan, backend, exchange, routed))
            + MemoryEstimate.For(MemoryKind.Rows, plan.PipelineRanks * plan.ExpertRanks * rows) + (plan.PipelineRanks * exchange.Rings());
    }

    /// <summary>The values, once a memory domain that holds them.</summary>
    /// <param name="plan">The placement.</param>
    /// <param name="backend">The device.</param>
    /// <param name="stagesOf">The stages of a pipeline rank that trains; null: of one that serves.</param>
    /// <param name="trained">Bytes of one copy, about.</param>
    private static MemoryEstimate OfValues(RunPlan plan, IBackend backend, Func<int, IReadOnlyList<int>>? stagesOf, out double trained)
    {
        trained = OfValues(plan.Model);
        if (trained > Countable)
        {
            return MemoryEstimate.For(MemoryKind.Values, trained);
        }

        using var shapes = new ShapeBackend(backend, trains: stagesOf is not null);
        if (plan.Domains == 1)
        {
            using ModelWeights whole = Weights(shapes, plan);
            return MemoryEstimate.For(MemoryKind.Values, shapes.Bytes);
        }

        var layout = new StageLayout(plan.Model, stagesOf is null ? plan.PipelineRanks : plan.Stages);
        foreach ((_, ModelPart part) in MemoryDomain.PartsOf(plan, layout, stagesOf ?? (pipelineRank => [pipelineRank]), Enumerable.Range(0, plan.Ranks)))
        {
            using var weights = new ModelWeights(shapes, plan.Model, part);
        }

        return MemoryEstimate.For(MemoryKind.Values, shapes.Bytes);
    }

    /// <summary>Bytes of a model's values, without the norms. In floating point, since no size is too large for a configuration.</summary>
    internal static double OfValues(ModelConfig model)
    {
        double hidden = model.HiddenSize, expert = 3 * hidden * model.ExpertIntermediateSize;
        double dense = 3 * hidden * model.IntermediateSize;
        double routed = (((double)model.RoutedExperts + model.SharedExperts) * expert) + (model.RoutedExperts * hidden);
        return 4 * ((2 * model.VocabularySize * hidden) + (model.AllLayers * ModelWork.OfAttention(model)) + (model.FirstDenseLayers * dense)
            + ((model.AllLayers - model.FirstDenseLayers) * routed) + (model.PredictLayers * 2 * hidden * hidden));
    }

    private static Func<int, IReadOnlyList<int>> StagesOf(RunPlan plan)
    {
        var placement = new Lazy<Schedules.Placement>(() => plan.CreateTimetable().Placement);
        return pipelineRank => placement.Value.StagesOf(pipelineRank);
    }

    private static ModelWeights Weights(ShapeBackend shapes, RunPlan plan) =>
        new(shapes, plan.Model, ModelPart.Whole(plan.Model, plan.ExpertPlacement()));

    /// <summary>All layers' activations of one micro-batch, over all source ranks.</summary>
    private static double OfMicroBatch(RunPlan plan, IBackend backend, ActivationMode mode)
    {
        ModelConfig model = plan.Model;
        var layout = new StageLayout(model, 1);
        var exchange = new ExchangeMemory(plan, backend);
        var batch = new BatchPlan(plan.Sequences, plan.MicroBatches, plan.ExpertRanks);
        int tokens = checked(batch.MaxChunkSequences * plan.SequenceLength);
        double microBatch = Math.Ceiling((double)batch.Sequences / plan.MicroBatches) * plan.SequenceLength;
        int routed = model.AllLayers - model.FirstDenseLayers, logits = LogitsBlocks.RowsOf(model, tokens, plan.LogitsLimit);
        (RowCounts, RowCounts) rows = exchange.Rows(RoutingLoad.Expected, microBatch);
        double temporaries = ChunkMemory.OfAttentionGradients(model, backend.Precision.Rows, tokens) + OfExpertTemporaries(plan, backend, exchange, microBatch)
            + GrowingMemory.Of(RoutingLoad.Expected, tokens, tokens, ExpertMemory.LentToDense(model, backend.Precision))
            + ExpertMemory.OfCodes(model, backend.Precision, RoutingLoad.Expected, tokens, rows, model.RoutedExperts / plan.ExpertRanks);
        return ChunkMemory.OfLogitsBlock(backend, model, logits)
            + (plan.ExpertRanks * (Chunk(mode) + Chunk(ActivationMode.ForwardOnly) + (2 * ChunkMemory.OfScratch(backend, model, tokens, ActivationMode.Recomputed)) + temporaries
                + (2 * routed * OfExpertRows(plan, backend, exchange, microBatch)) + (2 * Growth * OfSerialRows(plan, backend, rows.Item1))));

        double Chunk(ActivationMode one) => ChunkMemory.OfChunk(backend, model, layout, 0, tokens, one, logits).Buffers;
    }

    /// <summary>Rows of a phase of a serial exchange at one rank, their sums, choices and weights.</summary>
    private static double OfSerialRows(RunPlan plan, IBackend backend, RowCounts rows) =>
        Growth * rows.Received * ((2 * RowElement(backend) * plan.Model.HiddenSize) + (2 * sizeof(float) * plan.Model.ExpertsPerToken));

    /// <summary>What the experts of a rank keep of an exchange of all ranks' tokens.</summary>
    private static double OfExpertRows(RunPlan plan, IBackend backend, ExchangeMemory exchange, double tokens) => ExpertMemory.OfExchange(
        plan.Model, backend.Precision, RoutingLoad.Expected, exchange.Rows(RoutingLoad.Expected, tokens), plan.Model.RoutedExperts / plan.ExpertRanks);

    /// <summary>What a rank's experts take of an exchange for a moment.</summary>
    private static double OfExpertTemporaries(RunPlan plan, IBackend backend, ExchangeMemory exchange, double tokens)
    {
        (RowCounts rows, RowCounts most) = exchange.Rows(RoutingLoad.Expected, tokens);
        return GrowingMemory.Of(RoutingLoad.Expected, rows.Sorted, most.Sorted, ExpertMemory.Lent(plan.Model, backend.Precision));
    }

    /// <summary>Bytes of an element of a row.</summary>
    private static double RowElement(IBackend backend) => backend.Precision.Rows.SizeInBytes();
}
