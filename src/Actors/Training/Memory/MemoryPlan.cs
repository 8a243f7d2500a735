using System.Numerics;
using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Runtime.Cluster;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Schedules;
using Actors.Tensors;

namespace Actors.Runtime.Training.Memory;

/// <summary>
/// Estimates the memory of a run from its shape, before anything is allocated. What has planned sizes is measured by making it on a
/// device without memory. Memory whose size depends on the routing grows by powers of two: it is counted at twice its size for an even load, and
/// where each rank keeps its own, at <see cref="Imbalance"/> times that. Rows are counted as the device's precision stores them; all else is float32.
/// docs/measurements.md compares estimates with runs.
/// </summary>
public static class MemoryPlan
{
    /// <summary>Rows for which activations are measured; they grow in proportion.</summary>
    private const int MeasuredTokens = 256;

    /// <summary>Floats of memory that grows by powers of two, for each that is used, at most.</summary>
    private const double Growth = 2;

    /// <summary>A rank's largest load in the first steps, before the correction biases have evened it, over an even load; with few ranks a quarter of the way to all on one.</summary>
    private const double Imbalance = 1.6;

    /// <summary>Exchanges whose rows a rank holds at once: one, and for a while the one before it, whose sums are not all read yet.</summary>
    private const double ExchangesAtOnce = 1.5;

    /// <summary>The same where a forward and a backward overlap.</summary>
    private const double ExchangesOfPair = 2;

    /// <summary>A larger model has no exact estimate: it fits nowhere.</summary>
    internal const double Countable = 1L << 56;

    /// <summary>A training run: steps, the held-out loss, checkpoints.</summary>
    /// <param name="plan">Its shape; it is checked.</param>
    /// <param name="backend">The device; nothing is allocated on it.</param>
    public static MemoryEstimate OfTraining(RunPlan plan, IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(plan);
        MemoryEstimate values = OfValues(plan, backend, StagesOf(plan), out double trained);
        if (trained > Countable)
        {
            return values with { Training = trained + OfState(plan, trained) };
        }

        using var shapes = new ShapeBackend();
        using ModelWeights weights = Weights(shapes, plan);
        return values with { Training = OfState(plan, trained) } + OfRanks(plan, backend, weights);
    }

    /// <summary>Both moments of values that take so many bytes in float32.</summary>
    internal static double OfMoments(RunPlan plan, double trained) => 2 * trained * plan.Moments.SizeInBytes() / sizeof(float);

    /// <summary>What is kept of values beside themselves and their gradients: moments, and averages with their snapshots.</summary>
    private static double OfState(RunPlan plan, double trained) => OfMoments(plan, trained) + OfAverages(plan, trained);

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
        return values with { Training = trained + OfState(plan, trained), Activations = OfMicroBatch(plan, backend, plan.Activations) };
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
        return new MemoryEstimate(0, 0, Copies * 4.0 * plan.TokensPerStep * plan.Model.VocabularySize, 0);
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
            chunks += OfChunk(backend, model, layout, stage, tokens, ActivationMode.ForwardOnly, logitsRows: 0) + OfScratch(backend, model, tokens, ActivationMode.ForwardOnly);
        }

        double experts = (model.Layers - model.FirstDenseLayers) * OfExpertRows(plan, backend, routed);
        double exchange = (ExchangesAtOnce * OfWindow(plan, ExpertMemory.Sent(model, backend.Precision), row, routed))
            + Grown(row * tokens * model.HiddenSize) + OfSentCodes(plan, backend.Precision, tokens);
        return new MemoryEstimate(
            0,
            0,
            (plan.ExpertRanks * (cache + chunks + experts)) + OfExpertTemporaries(plan, backend, routed),
            plan.PipelineRanks * ((plan.ExpertRanks * exchange) + OfRings(plan, backend.Precision)));
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
            return new MemoryEstimate(trained, 0, 0, 0);
        }

        using var shapes = new ShapeBackend(backend, trains: stagesOf is not null);
        if (plan.Domains == 1)
        {
            using ModelWeights whole = Weights(shapes, plan);
            return new MemoryEstimate(shapes.Bytes, 0, 0, 0);
        }

        var layout = new StageLayout(plan.Model, stagesOf is null ? plan.PipelineRanks : plan.Stages);
        foreach ((_, ModelPart part) in MemoryDomain.PartsOf(plan, layout, stagesOf ?? (pipelineRank => [pipelineRank]), Enumerable.Range(0, plan.Ranks)))
        {
            using var weights = new ModelWeights(shapes, plan.Model, part);
        }

        return new MemoryEstimate(shapes.Bytes, 0, 0, 0);
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

    private static MemoryEstimate OfRanks(RunPlan plan, IBackend backend, ModelWeights weights)
    {
        double row = RowElement(backend);
        ModelConfig model = plan.Model;
        Timetable[] timetables = [.. plan.MicroBatchCounts().Select(plan.CreateTimetable)];
        Schedules.Placement placement = timetables[^1].Placement;
        var layout = new StageLayout(model, plan.Stages);
        var batch = new BatchPlan(plan.Sequences / plan.DataGroups, plan.MicroBatches, plan.ExpertRanks);
        int tokens = checked(batch.MaxChunkSequences * plan.SequenceLength);
        double microBatch = Math.Ceiling((double)batch.Sequences / plan.MicroBatches) * plan.SequenceLength;
        double handOver = Grown(row * tokens * model.HiddenSize);
        double gradients = 0, activations = 0, exchange = 0;
        int logits = LogitsBlocks.RowsOf(model, tokens, plan.LogitsLimit);
        int lent = backend.OrdersStreams && plan.Stages > 1 ? RowLender.LeastPieces : 0;

        // Those that compute, and those that have put a layer's weight gradients off: in the runs measured not more than half of the ranks.
        double temporaries = Math.Min(plan.Ranks, Environment.ProcessorCount) + (plan.Ranks / 2.0);
        for (int rank = 0; rank < plan.PipelineRanks; rank++)
        {
            var held = new ChunksHeld(timetables, rank);
            exchange += (plan.ExpertRanks * (held.HasPairs ? ExchangesOfPair : ExchangesAtOnce) * OfWindow(plan, ExpertMemory.Sent(model, backend.Precision), row, microBatch))
                + (plan.ExpertRanks * (held.HasPairs ? 2 : 1) * OfSentCodes(plan, backend.Precision, tokens)) + OfRings(plan, backend.Precision);
            activations += plan.ExpertRanks * OfScratch(backend, model, tokens, ActivationMode.Recomputed);
            activations += placement.StagesOf(rank).Any(layout.IsLast) ? plan.ExpertRanks * OfLogitsBlock(backend, model, logits) : 0;
            gradients += OfGradients(plan, weights, layout, placement.StagesOf(rank));
            foreach (int stage in placement.StagesOf(rank))
            {
                int routed = Enumerable.Range(0, layout.LayerCount(stage)).Count(layer => layout.HasExperts(stage, layer));
                activations += plan.ExpertRanks * ((held.Of(stage) * OfChunk(backend, model, layout, stage, tokens, plan.Activations, logits))
                    + OfChunk(backend, model, layout, stage, tokens, ActivationMode.ForwardOnly, logits)
                    + (routed * held.PlayedOf(stage) * OfExpertRows(plan, backend, microBatch)));
                exchange += plan.ExpertRanks * Math.Max(held.Of(stage) + 1, lent) * handOver;
                temporaries += plan.ExpertRanks * held.SplitOf(stage) * layout.LayerCount(stage);
            }
        }

        activations += temporaries / plan.DataGroups * OfTemporaries(plan, backend, tokens, microBatch);
        return new MemoryEstimate(0, plan.DataGroups * gradients, plan.DataGroups * activations, (plan.DataGroups * exchange) + OfFrames(plan, backend.OrdersStreams, weights, handOver));
    }

    /// <summary>Frames between memory domains that do not reach each other: each rank has some under way, of pipeline rows or of one block at a time.</summary>
    internal static double OfFrames(RunPlan plan, bool ordersStreams, ModelWeights weights, double handOver) =>
        plan.Domains == 1 || (ordersStreams && !plan.SeparatesNodes)
        ? 0
        : (double)plan.Ranks * plan.Fabric.SlotsPerRing * Math.Max(handOver, weights.Blocks.Max(block => Grown(4.0 * block.Values.Count)));

    /// <summary>Gradients of the stages of a pipeline rank, over the ranks of its expert group.</summary>
    private static double OfGradients(RunPlan plan, ModelWeights weights, StageLayout layout, IReadOnlyList<int> stages) =>
        Enumerable.Range(0, plan.ExpertRanks).Sum(rank => StageModel.BlocksOf(weights, layout, stages, plan.ExpertPlacement().ExpertsOf(rank))
            .Where(block => block.IsTrained).Sum(block => 4.0 * block.Values.Count));

    /// <summary>All layers' activations of one micro-batch, over all source ranks.</summary>
    private static double OfMicroBatch(RunPlan plan, IBackend backend, ActivationMode mode)
    {
        double row = RowElement(backend);
        ModelConfig model = plan.Model;
        var layout = new StageLayout(model, 1);
        var batch = new BatchPlan(plan.Sequences, plan.MicroBatches, plan.ExpertRanks);
        int tokens = checked(batch.MaxChunkSequences * plan.SequenceLength);
        double microBatch = Math.Ceiling((double)batch.Sequences / plan.MicroBatches) * plan.SequenceLength;
        int routed = model.AllLayers - model.FirstDenseLayers, logits = LogitsBlocks.RowsOf(model, tokens, plan.LogitsLimit);
        return OfLogitsBlock(backend, model, logits) + plan.ExpertRanks * (OfChunk(backend, model, layout, 0, tokens, mode, logits) + OfChunk(backend, model, layout, 0, tokens, ActivationMode.ForwardOnly, logits)
            + (2 * OfScratch(backend, model, tokens, ActivationMode.Recomputed)) + OfTemporaries(plan, backend, tokens, microBatch)
            + (2 * routed * OfExpertRows(plan, backend, microBatch)) + (4 * OfWindow(plan, row * model.HiddenSize, row, microBatch)));
    }

    /// <summary>Memory for the block of logits that a rank's heads take, of so many rows: rows of the device, and float32 without a backward.</summary>
    internal static double OfLogitsBlock(IBackend backend, ModelConfig model, int rows)
    {
        double elements = (double)rows * model.VocabularySize;
        return rows == 0 ? 0 : Grown(sizeof(float) * elements) + (backend.Precision.Rows == ElementType.Float32 ? 0 : Grown(RowElement(backend) * elements));
    }

    /// <summary>A chunk's activations in one stage, with logits in blocks of so many rows or whole (0).</summary>
    internal static double OfChunk(
        IBackend backend, ModelConfig model, StageLayout layout, int stage, int tokens, ActivationMode mode, int logitsRows, bool routesOnHost = true)
    {
        int measured = Math.Min(tokens, MeasuredTokens);
        if (measured == 0)
        {
            return 0;
        }

        using var shapes = new ShapeBackend(backend);
        using var chunk = new ChunkActivations(shapes, model, layout, stage, measured, 1, mode, routesOnHost, logitsRows);
        return (double)shapes.Bytes * tokens / measured;
    }

    internal static double OfScratch(IBackend backend, ModelConfig model, int tokens, ActivationMode mode)
    {
        using var shapes = new ShapeBackend(backend);
        using var temporaries = new LayerTemporaries(shapes, model, tokens);
        using var scratch = new AttentionScratch(shapes, model, tokens, mode, temporaries);
        return shapes.Bytes;
    }

    /// <summary>What attention's backward takes for a chunk from the shared temporaries: heads, down projection, queries, keys and values, gate.</summary>
    internal static double OfAttentionGradients(ModelConfig model, double row, int tokens)
    {
        double queries = (double)model.Heads * model.QueryHeadSize;
        return tokens * ((row * (((double)model.Heads * (model.NopeHeadSize + (2 * model.ValueHeadSize)))
            + (model.QueryRank is { } rank ? rank + queries : queries) + model.KeyValueRank + model.RopeHeadSize)) + (4.0 * model.RoutedExperts));
    }

    /// <summary>What the experts of a rank keep of an exchange of all ranks' tokens: inputs, gate and up, activation, places.</summary>
    private static double OfExpertRows(RunPlan plan, IBackend backend, double tokens) =>
        OfLoad(plan, tokens, ExpertMemory.Kept(plan.Model, backend.Precision).Sum() + (4 * 12));

    /// <summary>What a rank's experts take of an exchange for a moment.</summary>
    private static double OfExpertTemporaries(RunPlan plan, IBackend backend, double tokens) => OfLoad(plan, tokens, ExpertMemory.Lent(plan.Model, backend.Precision).Sum());

    /// <summary>What a rank takes for a moment of its largest chunk, and of an exchange of all ranks' tokens: gradients of attention, rows of experts, codes.</summary>
    private static double OfTemporaries(RunPlan plan, IBackend backend, int tokens, double microBatch) => OfAttentionGradients(plan.Model, RowElement(backend), tokens)
        + OfExpertTemporaries(plan, backend, microBatch) + OfCodes(plan.Model, backend.Precision, tokens, OfLoad(plan, microBatch, 1));

    /// <summary>Codes of the product that runs, of a chunk or of what the experts compute, and what a dense feed-forward does not keep.</summary>
    /// <param name="model">Sizes.</param>
    /// <param name="precision">Of the device.</param>
    /// <param name="tokens">Of the largest chunk.</param>
    /// <param name="sorted">Rows that a rank's experts compute of an exchange, at most.</param>
    internal static double OfCodes(ModelConfig model, Precision precision, double tokens, double sorted) =>
        (Growth * tokens * ExpertMemory.LentToDense(model, precision))
        + Math.Max(Growth * tokens * ExpertMemory.Codes(model, precision), sorted * ExpertMemory.ExpertCodes(model, precision));

    /// <summary>Memory for the tokens that the experts of a rank compute, of an exchange of all ranks' tokens; it is kept at the size of the largest load.</summary>
    /// <param name="plan">The placement.</param>
    /// <param name="tokens">Tokens of the exchange.</param>
    /// <param name="bytes">Of a token that an expert computes.</param>
    private static double OfLoad(RunPlan plan, double tokens, double bytes) =>
        Growth * bytes * Math.Min(Imbalance, 1 + ((plan.ExpertRanks - 1) / 4.0)) * tokens * plan.Model.ExpertsPerToken / plan.ExpertRanks;

    /// <summary>
    /// Rows of one phase of an exchange, their sums, choices and weights, on a rank with an even load: all ranks take them from one pool. A token
    /// arrives once at a rank, however many of its experts the rank has.
    /// </summary>
    /// <param name="plan">The placement.</param>
    /// <param name="sent">Bytes of a row that arrives.</param>
    /// <param name="row">Bytes of an element of a sum.</param>
    /// <param name="tokens">Tokens of the exchange.</param>
    private static double OfWindow(RunPlan plan, double sent, double row, double tokens)
    {
        double rows = Math.Min(tokens, tokens * plan.Model.ExpertsPerToken / plan.ExpertRanks);
        return Growth * rows * (sent + (row * plan.Model.HiddenSize) + (4 * 2.0 * plan.Model.ExpertsPerToken));
    }

    /// <summary>Codes of a chunk that a rank sends, where rows travel as codes, while an exchange is under way.</summary>
    internal static double OfSentCodes(RunPlan plan, Precision precision, double tokens) =>
        plan.ExpertRanks > 1 && ExpertMemory.SendsCodes(plan.Model, precision) ? Grown(tokens * ExpertMemory.RowOfCodes(plan.Model)) : 0;

    internal static double OfRings(RunPlan plan, Precision precision)
    {
        double pairs = (double)plan.ExpertRanks * plan.Fabric.Channels * (plan.GroupNodes - 1), slots = plan.Fabric.SlotsPerRing;
        double sent = ExpertMemory.Sent(plan.Model, precision), returned = (double)precision.Rows.SizeInBytes() * plan.Model.HiddenSize;
        return pairs * ((slots * plan.Fabric.ChunkRows * (sent + returned + (2 * 4 * 2.0 * plan.Model.ExpertsPerToken))) + (2 * 192.0 * slots));
    }

    /// <summary>Bytes in memory that grows by powers of two.</summary>
    internal static double Grown(double bytes) => bytes > long.MaxValue / 4.0 ? bytes : BitOperations.RoundUpToPowerOf2((ulong)Math.Max(256, bytes));

    /// <summary>Bytes of an element of a row.</summary>
    private static double RowElement(IBackend backend) => backend.Precision.Rows.SizeInBytes();
}
