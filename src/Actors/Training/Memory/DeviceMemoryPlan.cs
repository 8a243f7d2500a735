using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Runtime.Cluster;
using Actors.Runtime.Fabric.Devices;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Schedules;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Runtime.Training.Memory;

/// <summary>
/// Estimates what a training run takes of each of its devices, where ranks run ahead of them: the ranks of a device, with the windows through which they exchange rows.
/// Windows and what experts keep of them have planned sizes, whatever the routing; the rest is counted as in <see cref="MemoryPlan"/>.
/// </summary>
public static class DeviceMemoryPlan
{
    /// <summary>A training run: steps, the held-out loss, checkpoints.</summary>
    /// <param name="plan">Its shape; it is checked.</param>
    /// <param name="backend">What all devices are like; nothing is allocated on it.</param>
    /// <returns>By number of the device in the plan.</returns>
    public static IReadOnlyList<MemoryEstimate> OfTraining(RunPlan plan, IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(backend);
        double trained = MemoryPlan.OfValues(plan.Model);
        if (trained > MemoryPlan.Countable)
        {
            // It fits nowhere, whatever else there is.
            return [.. Enumerable.Repeat(new MemoryEstimate(trained, trained + MemoryPlan.OfMoments(plan, trained), 0, 0), plan.Devices)];
        }

        Timetable[] timetables = [.. plan.MicroBatchCounts().Select(plan.CreateTimetable)];
        Schedules.Placement placement = timetables[^1].Placement;
        var layout = new StageLayout(plan.Model, plan.Stages);
        using var shapes = new ShapeBackend();
        using var whole = new ModelWeights(shapes, plan.Model, ModelPart.Whole(plan.Model, plan.ExpertPlacement()));
        var estimates = new MemoryEstimate[plan.Devices];
        foreach ((int domain, ModelPart part) in MemoryDomain.PartsOf(plan, layout, pipelineRank => placement.StagesOf(pipelineRank), Enumerable.Range(0, plan.Ranks)))
        {
            using var held = new ShapeBackend(backend, trains: true);
            using var weights = new ModelWeights(held, plan.Model, part);
            estimates[plan.DeviceOf(plan.FirstRankOf(domain))] += new MemoryEstimate(held.Bytes, 0, 0, 0);
        }

        foreach (BlockOwner owner in BlockOwner.Assign(plan, layout, placement))
        {
            estimates[plan.DeviceOf(owner.Owner)] += new MemoryEstimate(0, 2.0 * plan.Moments.SizeInBytes() * whole.Blocks[owner.Number].Values.Count, 0, 0);
        }

        int tokens = checked(plan.CutOf(plan.Sequences).MaxChunkSequences * plan.SequenceLength);
        double handOver = MemoryPlan.Grown((double)backend.Precision.Rows.SizeInBytes() * tokens * plan.Model.HiddenSize);
        double frames = MemoryPlan.OfFrames(plan, backend.OrdersStreams, whole, handOver) / plan.Ranks;
        for (int rank = 0; rank < plan.Ranks; rank++)
        {
            estimates[plan.DeviceOf(rank)] += OfRank(plan, backend, timetables, layout, whole, plan.PositionOf(rank), tokens, handOver)
                + new MemoryEstimate(0, 0, backend.StreamBytes, frames);
        }

        return estimates;
    }

    /// <summary>What a rank takes, whose largest chunk has so many tokens, in so many bytes of rows for another stage.</summary>
    private static MemoryEstimate OfRank(
        RunPlan plan, IBackend backend, Timetable[] timetables, StageLayout layout, ModelWeights whole, RankPosition rank, int tokens, double handOver)
    {
        ModelConfig model = plan.Model;
        var held = new ChunksHeld(timetables, rank.PipelineRank);
        double row = backend.Precision.Rows.SizeInBytes();
        WindowSizes? windows = WindowsOf(plan, backend, tokens);
        (int received, int sorted) = windows is { } sizes ? (sizes.Rows, sizes.SortedRows) : (tokens * plan.ExpertRanks, tokens * plan.ExpertRanks * model.ExpertsPerToken);
        double experts = OfExperts(plan, backend.Precision, received, sorted);
        IReadOnlyList<int> stages = timetables[^1].Placement.StagesOf(rank.PipelineRank);
        double gradients = StageModel.BlocksOf(whole, layout, stages, plan.ExpertPlacement().ExpertsOf(rank.ExpertRank)).Where(block => block.IsTrained).Sum(OfBlock);
        double activations = MemoryPlan.OfScratch(backend, model, tokens, ActivationMode.Recomputed), exchange = MemoryPlan.OfRings(plan, backend.Precision) / plan.ExpertRanks;
        int logits = LogitsBlocks.RowsOf(model, tokens, plan.LogitsLimit);
        activations += stages.Any(layout.IsLast) ? MemoryPlan.OfLogitsBlock(backend, model, logits) : 0;
        // Ids and targets, and of each prediction module also which rows are routed.
        activations += (2.0 + (3 * model.PredictLayers)) * plan.MicroBatches * Arena.Plan(1, tokens, ElementType.Int32);
        int temporaries = 1;
        foreach (int stage in stages)
        {
            int routed = Enumerable.Range(0, layout.LayerCount(stage)).Count(layer => layout.HasExperts(stage, layer));
            activations += (held.Of(stage) * MemoryPlan.OfChunk(backend, model, layout, stage, tokens, plan.Activations, logits, routesOnHost: windows is null))
                + MemoryPlan.OfChunk(backend, model, layout, stage, tokens, ActivationMode.ForwardOnly, logits, routesOnHost: windows is null)
                + ((windows is null ? held.PlayedOf(stage) : held.Of(stage)) * routed * experts);
            exchange += held.Of(stage) * routed * (windows is null ? 0 : Arena.Plan(tokens, plan.ExpertRanks, ElementType.Int32) + Arena.Plan(1, 1, ElementType.Int32));
            // Gradients of inputs, and an output for another stage.
            exchange += (held.Of(stage) + (plan.PipelineRanks == 1 ? 0 : 1)) * handOver;
            // Weight gradients of a layer are put off behind the next component.
            temporaries += Math.Max(1, held.SplitOf(stage) * layout.LayerCount(stage));
        }

        activations += (temporaries * (MemoryPlan.OfAttentionGradients(model, row, tokens) + ExpertMemory.Lent(model, backend.Precision).Sum(bytes => MemoryPlan.Grown(bytes * sorted)) + MemoryPlan.Grown(4.0 * sorted)))
            + MemoryPlan.OfCodes(model, backend.Precision, tokens, 2.0 * sorted);
        exchange += (held.HasPairs ? 2 : 1) * ((windows?.Bytes ?? 0) + MemoryPlan.OfSentCodes(plan, backend.Precision, tokens));
        return new MemoryEstimate(0, gradients, activations, exchange);
    }

    /// <summary>What the experts keep of an exchange: places, inputs, gate and up, activation, weights of rows and of sums.</summary>
    private static double OfExperts(RunPlan plan, Precision precision, int received, int sorted)
    {
        ModelConfig model = plan.Model;
        int local = plan.Model.RoutedExperts / plan.ExpertRanks;
        return MemoryPlan.Grown(4.0 * ExpertOrder.Elements(received, model.ExpertsPerToken, local, sorted)) + ExpertMemory.Kept(model, precision).Sum(bytes => MemoryPlan.Grown(bytes * sorted))
            + MemoryPlan.Grown(4.0 * sorted) + MemoryPlan.Grown(4.0 * received * model.ExpertsPerToken);
    }

    /// <summary>The windows of a rank; null where it moves no rows on its device.</summary>
    private static WindowSizes? WindowsOf(RunPlan plan, IBackend backend, int tokens)
    {
        if (plan.ExpertRanks is 1 or > IExchangeOperations.MostRanks || (plan.SeparatesNodes && plan.GroupNodes > 1))
        {
            return null;
        }

        using var windows = new GroupWindows([], plan.GroupShape(backend.Precision), tokens, plan.Fabric.CapacityFactor);
        return new WindowSizes(windows.Rows, windows.SortedRows, ExchangeWindows.BytesOf(windows.Shape, windows.Rows));
    }

    private static double OfBlock(ParameterBlock block) => 4.0 * block.Values.Count;

    /// <summary>Rows of a rank's window, rows of its experts, and bytes of a window.</summary>
    private readonly record struct WindowSizes(int Rows, int SortedRows, long Bytes);
}
