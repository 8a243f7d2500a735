using System.Collections.Immutable;
using Actors.Model.Layers;
using Actors.Runtime.Training;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// What the last stage of a rank that trains does around its heads: logits and losses of the model and of its multi-token-prediction modules, how a module
/// begins, and the backward of both.
/// </summary>
internal sealed class TrainingHeads(TrainingResources rank)
{
    private readonly List<int> _lossesOf = [];
    private RunStep? _step;

    private IStream Stream => rank.Stream;

    private StepTokens Tokens => rank.Tokens;

    /// <summary>Begins a step.</summary>
    public void Begin(RunStep step)
    {
        _step = step;
        _lossesOf.Clear();
    }

    /// <summary>Logits and losses at one depth: of the model (0) or of a module.</summary>
    public void Run(StageModel stage, ChunkActivations chunk, int microBatch, int depth)
    {
        OutputHeadActivations activations = chunk.Heads[depth];
        OutputHead head = stage.Heads[depth];
        head.Logits(Stream, activations);
        Tensor kept = _step!.Capture ? Tokens.Logits(depth, microBatch) : default(Tensor);
        head.Loss(Stream, activations, Tokens.Targets(depth, microBatch), _step.LossScales[depth], kept);
        Stream.Copy(activations.Losses, Tokens.Losses(depth, microBatch));
    }

    /// <summary>
    /// Where what is not finite in the deepest head's logits shows: those that were kept, since the gradient may have taken the logits' place; or the logits; or
    /// where they went in blocks, their losses.
    /// </summary>
    public Tensor LogitsOf(ChunkActivations chunk, int microBatch) =>
        _step!.Capture ? Tokens.Logits(chunk.Heads.Length - 1, microBatch)
        : chunk.Heads[^1].IsInBlocks ? chunk.Heads[^1].Losses
        : chunk.Heads[^1].Logits;

    /// <summary>Ends the depth before a module, and begins the module: its layer's input.</summary>
    public void BeginModule(StageModel stage, ChunkActivations chunk, int microBatch, int module, Tensor layerInput)
    {
        Run(stage, chunk, microBatch, module - 1);
        stage.Predictions[module - 1].Forward(
            Stream, chunk.Predictions[module - 1], Tokens.Predictions(module, microBatch).Ids(chunk.Tokens), chunk.Heads[module - 1].Hidden, layerInput);
    }

    /// <summary>After attention of a module's layer: rows without a target choose no experts.</summary>
    public void DropChoices(LayerActivations layer, int microBatch, int module) => Stream.DropChoices(
        Tokens.Predictions(module, microBatch).Kept(layer.Tokens), layer.Attention.Experts, layer.Attention.ExpertWeights);

    /// <summary>Through the deepest head, which nothing follows.</summary>
    public void BeginBackward(StageModel stage, ChunkActivations chunk, Tensor layerOutputGradient) =>
        stage.Heads[^1].BackwardInput(Stream, chunk.Heads[^1], layerOutputGradient, stage.Gradients!);

    /// <summary>Through the beginning of a module, whose layer's input has its gradient, and through the head of the depth before.</summary>
    public void BackwardModule(StageModel stage, ChunkActivations chunk, int module, Tensor layerOutputGradient)
    {
        OutputHeadActivations before = chunk.Heads[module - 1];
        PredictionActivations activations = chunk.Predictions[module - 1];
        stage.Predictions[module - 1].BackwardInput(Stream, activations, before.Hidden, stage.Gradients!);
        stage.Heads[module - 1].BackwardInput(Stream, before, layerOutputGradient, stage.Gradients!, activations.HiddenGradient);
    }

    /// <summary>Weight gradients of a module's beginning.</summary>
    public void ModuleWeights(StageModel stage, ChunkActivations chunk, int microBatch, int module) => stage.Predictions[module - 1].BackwardWeights(
        Stream, chunk.Predictions[module - 1], Tokens.Predictions(module, microBatch).Ids(chunk.Tokens), stage.Gradients!);

    /// <summary>Weight gradients of all heads, the deepest first.</summary>
    public void HeadWeights(StageModel stage, ChunkActivations chunk)
    {
        for (int depth = chunk.Heads.Length - 1; depth >= 0; depth--)
        {
            stage.Heads[depth].BackwardWeights(Stream, chunk.Heads[depth], stage.Gradients!);
        }
    }

    /// <summary>A chunk's losses have been computed.</summary>
    public void Computed(int microBatch) => _lossesOf.Add(microBatch);

    /// <summary>The sums of losses of all chunks of the step.</summary>
    public ImmutableArray<MicroBatchLoss> Losses() => [.. _lossesOf.SelectMany(microBatch => Enumerable.Range(0, 1 + rank.Layout.Modules).Select(depth => LossOf(microBatch, depth)))];

    private MicroBatchLoss LossOf(int microBatch, int depth)
    {
        double sum = 0;
        foreach (float loss in Tokens.Losses(depth, microBatch).AsSpan<float>())
        {
            sum += loss;
        }

        return new MicroBatchLoss(microBatch, depth, sum);
    }
}
