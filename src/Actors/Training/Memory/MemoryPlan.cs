using System.Numerics;
using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Runtime.Inference;
using Actors.Runtime.Stages;
using Actors.Schedules;
using Actors.Tensors;

namespace Actors.Runtime.Training.Memory;

/// <summary>
/// Estimates the memory of a run from its shape, before anything is allocated. What has planned sizes is measured by making it on a
/// device without memory; what depends on the routing is counted as if a rank got half as many rows again as with an even load.
/// </summary>
public static class MemoryPlan
{
    /// <summary>Rows for which activations are measured; they grow in proportion.</summary>
    private const int MeasuredTokens = 256;

    private const double Imbalance = 1.5;

    /// <summary>A larger model has no exact estimate: it fits nowhere.</summary>
    private const double Countable = 1L << 56;

    /// <summary>A training run: steps, the held-out loss, checkpoints.</summary>
    /// <param name="plan">Its shape; it is checked.</param>
    /// <param name="backend">The device; nothing is allocated on it.</param>
    public static MemoryEstimate OfTraining(RunPlan plan, IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(plan);
        MemoryEstimate values = OfValues(plan, backend, trains: true, out double trained);
        if (trained > Countable)
        {
            return values with { Training = 3 * trained };
        }

        using var shapes = new ShapeBackend();
        using ModelWeights weights = Weights(shapes, plan);
        return values with { Training = 2 * trained } + OfRanks(plan, weights);
    }

    /// <summary>Training without actors: one set of gradients, the chunks of one micro-batch.</summary>
    public static MemoryEstimate OfSerialTraining(RunPlan plan, IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(plan);
        MemoryEstimate values = OfValues(plan, backend, trains: true, out double trained);
        return values with { Training = 3 * trained, Activations = OfMicroBatch(plan, plan.Activations) };
    }

    /// <summary>An evaluation, with what it keeps for its output.</summary>
    /// <param name="plan">Its shape; it is checked.</param>
    /// <param name="backend">The device; nothing is allocated on it.</param>
    /// <param name="isSerial">Whether it goes without actors.</param>
    public static MemoryEstimate OfEvaluation(RunPlan plan, IBackend backend, bool isSerial)
    {
        ArgumentNullException.ThrowIfNull(plan);
        const int Copies = 3;
        double logits = Copies * 4.0 * plan.TokensPerStep * plan.Model.VocabularySize;
        return (isSerial ? OfSerialTraining(plan, backend) : OfTraining(plan, backend)) + new MemoryEstimate(0, 0, logits, 0);
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
        ModelConfig model = plan.Model;
        int tokens = options.MaxLength;
        MemoryEstimate values = sharesWeights ? default : OfValues(plan, backend, trains: false, out _);
        double cache = 4.0 * model.Layers * options.SlotsPerRank * tokens * (model.KeyValueRank + model.RopeHeadSize)
            + (4.0 * options.SlotsPerRank * model.VocabularySize);
        var layout = new StageLayout(model, plan.PipelineRanks);
        double chunks = 0;
        for (int stage = 0; stage < layout.Stages; stage++)
        {
            chunks += OfChunk(model, layout, stage, tokens, ActivationMode.ForwardOnly) + OfScratch(model, tokens, ActivationMode.ForwardOnly);
        }

        double rows = ArrivingRows(model, plan.ExpertRanks, (double)tokens * plan.ExpertRanks);
        double expertRows = Imbalance * tokens * model.ExpertsPerToken;
        double experts = (model.Layers - model.FirstDenseLayers) * OfExpertRows(model, expertRows);
        return values with
        {
            Activations = plan.ExpertRanks * (cache + chunks + experts) + (2 * Grown(expertRows * model.HiddenSize)),
            Exchange = plan.ExpertRanks * plan.PipelineRanks * (OfWindow(model, rows) + Grown((double)tokens * model.HiddenSize))
                + (plan.PipelineRanks * OfRings(plan)),
        };
    }

    private static MemoryEstimate OfValues(RunPlan plan, IBackend backend, bool trains, out double trained)
    {
        trained = OfValues(plan.Model);
        if (trained > Countable)
        {
            return new MemoryEstimate(trained, 0, 0, 0);
        }

        using var shapes = new ShapeBackend(backend, trains);
        using ModelWeights weights = Weights(shapes, plan);
        return new MemoryEstimate(shapes.Bytes, 0, 0, 0);
    }

    /// <summary>Bytes of a model's values, without the norms. In floating point, since no size is too large for a configuration.</summary>
    private static double OfValues(ModelConfig model)
    {
        double hidden = model.HiddenSize, heads = model.Heads, expert = 3 * hidden * model.ExpertIntermediateSize;
        double queries = heads * ((double)model.NopeHeadSize + model.RopeHeadSize);
        double attention = (model.QueryRank is { } rank ? rank * (hidden + queries) : hidden * queries)
            + (hidden * ((double)model.KeyValueRank + model.RopeHeadSize))
            + (model.KeyValueRank * heads * ((double)model.NopeHeadSize + model.ValueHeadSize)) + (heads * model.ValueHeadSize * hidden);
        double dense = 3 * hidden * model.IntermediateSize;
        double routed = (((double)model.RoutedExperts + model.SharedExperts) * expert) + (model.RoutedExperts * hidden);
        return 4 * ((2 * model.VocabularySize * hidden) + (model.Layers * attention) + (model.FirstDenseLayers * dense)
            + ((model.Layers - model.FirstDenseLayers) * routed));
    }

    private static ModelWeights Weights(ShapeBackend shapes, RunPlan plan) =>
        new(shapes, plan.Model, ModelPart.Whole(plan.Model, plan.ExpertPlacement()));

    private static MemoryEstimate OfRanks(RunPlan plan, ModelWeights weights)
    {
        ModelConfig model = plan.Model;
        Timetable timetable = plan.CreateTimetable();
        var layout = new StageLayout(model, plan.Stages);
        var batch = new BatchPlan(plan.Sequences / plan.DataGroups, plan.MicroBatches, plan.ExpertRanks);
        int tokens = checked(batch.MaxChunkSequences * plan.SequenceLength);
        double microBatch = Math.Ceiling((double)batch.Sequences / plan.MicroBatches) * plan.SequenceLength;
        double expertRows = Imbalance * microBatch * model.ExpertsPerToken / plan.ExpertRanks;
        double handOver = Grown((double)tokens * model.HiddenSize);
        double window = OfWindow(model, ArrivingRows(model, plan.ExpertRanks, microBatch));
        double gradients = 0, activations = 0, exchange = 0, temporaries = Math.Min(plan.Ranks, Environment.ProcessorCount);
        for (int rank = 0; rank < plan.PipelineRanks; rank++)
        {
            var held = new ChunksHeld(timetable, rank);
            exchange += (2 * plan.ExpertRanks * window) + OfRings(plan);
            activations += plan.ExpertRanks * OfScratch(model, tokens, ActivationMode.Recomputed);
            foreach (int stage in timetable.Placement.StagesOf(rank))
            {
                int routed = Enumerable.Range(0, layout.LayerCount(stage)).Count(layer => layout.HasExperts(stage, layer));
                gradients += OfGradients(plan, weights, layout, stage);
                activations += plan.ExpertRanks * ((held.Of(stage) * OfChunk(model, layout, stage, tokens, plan.Activations))
                    + OfChunk(model, layout, stage, tokens, ActivationMode.ForwardOnly)
                    + (routed * held.PlayedOf(stage) * OfExpertRows(model, expertRows)));
                exchange += plan.ExpertRanks * (held.Of(stage) + 1) * handOver;
                temporaries += plan.ExpertRanks * held.SplitOf(stage) * layout.LayerCount(stage);
            }
        }

        activations += temporaries / plan.DataGroups * (OfAttentionGradients(model, tokens) + (2 * Grown(expertRows * model.HiddenSize)));
        return new MemoryEstimate(0, plan.DataGroups * gradients, plan.DataGroups * activations, plan.DataGroups * exchange);
    }

    /// <summary>Gradients of a stage, over the ranks of its expert group.</summary>
    private static double OfGradients(RunPlan plan, ModelWeights weights, StageLayout layout, int stage)
    {
        double shared = 0, experts = 0;
        for (int i = 0; i < layout.LayerCount(stage); i++)
        {
            LayerWeights layer = weights.Layers[layout.FirstLayer(stage) + i];
            shared += layer.Blocks().Where(block => block.IsTrained).Sum(block => 4.0 * block.Values.Count);
            experts += layer.HasExperts ? layer.Experts.Sum(range => 4.0 * (range.GateUp.Values.Count + range.Down.Values.Count)) : 0;
        }

        double ends = (StageLayout.IsFirst(stage) ? 4.0 * weights.Embedding!.Values.Count : 0)
            + (layout.IsLast(stage) ? 4.0 * (weights.Head!.Values.Count + weights.FinalNorm!.Values.Count) : 0);
        return (plan.ExpertRanks * (shared + ends)) + experts;
    }

    /// <summary>All layers' activations of one micro-batch, over all source ranks.</summary>
    private static double OfMicroBatch(RunPlan plan, ActivationMode mode)
    {
        ModelConfig model = plan.Model;
        var layout = new StageLayout(model, 1);
        var batch = new BatchPlan(plan.Sequences, plan.MicroBatches, plan.ExpertRanks);
        int tokens = checked(batch.MaxChunkSequences * plan.SequenceLength);
        double expertRows = Imbalance * tokens * model.ExpertsPerToken;
        int routed = model.Layers - model.FirstDenseLayers;
        return plan.ExpertRanks * (OfChunk(model, layout, 0, tokens, mode) + OfChunk(model, layout, 0, tokens, ActivationMode.ForwardOnly)
            + (2 * OfScratch(model, tokens, ActivationMode.Recomputed)) + OfAttentionGradients(model, tokens)
            + (2 * routed * OfExpertRows(model, expertRows)) + (4 * OfWindow(model, tokens * (double)Math.Min(plan.ExpertRanks, model.ExpertsPerToken))));
    }

    /// <summary>A chunk's activations in one stage.</summary>
    private static double OfChunk(ModelConfig model, StageLayout layout, int stage, int tokens, ActivationMode mode)
    {
        int measured = Math.Min(tokens, MeasuredTokens);
        if (measured == 0)
        {
            return 0;
        }

        using var shapes = new ShapeBackend();
        using var chunk = new ChunkActivations(shapes, model, layout, stage, measured, 1, mode);
        return (double)shapes.Bytes * tokens / measured;
    }

    private static double OfScratch(ModelConfig model, int tokens, ActivationMode mode)
    {
        using var shapes = new ShapeBackend();
        using var temporaries = new LayerTemporaries(shapes, model, tokens);
        using var scratch = new AttentionScratch(shapes, model, tokens, mode, temporaries);
        return shapes.Bytes;
    }

    /// <summary>What attention's backward takes for a chunk from the shared temporaries: heads, down projection, queries, keys and values, gate.</summary>
    private static double OfAttentionGradients(ModelConfig model, int tokens)
    {
        double queries = (double)model.Heads * model.QueryHeadSize;
        return 4.0 * tokens * (((double)model.Heads * (model.NopeHeadSize + (2 * model.ValueHeadSize)))
            + (model.QueryRank is { } rank ? rank + queries : queries) + model.KeyValueRank + model.RopeHeadSize + model.RoutedExperts);
    }

    /// <summary>What the experts of a rank keep of an exchange: inputs, gate and up, activation, places.</summary>
    private static double OfExpertRows(ModelConfig model, double rows) =>
        Grown(rows * model.HiddenSize) + Grown(rows * 2 * model.ExpertIntermediateSize) + Grown(rows * model.ExpertIntermediateSize)
        + (2 * Grown(rows * 2)) + Grown(rows * 8);

    /// <summary>Rows that arrive at a rank: a token once, however many of its experts the rank has.</summary>
    private static double ArrivingRows(ModelConfig model, int ranks, double tokens) =>
        Math.Min(tokens, Imbalance * tokens * model.ExpertsPerToken / ranks);

    /// <summary>Both phases of an exchange under way: rows and sums of each, choices and weights.</summary>
    private static double OfWindow(ModelConfig model, double rows) => (4 * Grown(rows * model.HiddenSize)) + (3 * Grown(rows * model.ExpertsPerToken));

    private static double OfRings(RunPlan plan)
    {
        double rings = 2.0 * plan.ExpertRanks * plan.Fabric.Channels * (plan.Nodes - 1);
        double rows = (double)plan.Fabric.SlotsPerRing * plan.Fabric.ChunkRows;
        return rings * ((rows * 4.0 * (plan.Model.HiddenSize + (2.0 * plan.Model.ExpertsPerToken))) + (192.0 * plan.Fabric.SlotsPerRing));
    }

    /// <summary>Bytes of floats in memory that grows by powers of two.</summary>
    private static double Grown(double floats) => floats * 4 > long.MaxValue / 4.0
        ? floats * 4
        : BitOperations.RoundUpToPowerOf2((ulong)Math.Max(256, floats * 4));
}
