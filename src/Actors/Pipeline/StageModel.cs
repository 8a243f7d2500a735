using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// One stage of the model as one rank holds it: the layers' components over shared values, the rank's gradients, and the
/// activations of the chunks under way.
/// </summary>
internal sealed class StageModel : IDisposable
{
    private readonly Func<ActivationMode, ChunkActivations> _makeChunk;
    private readonly Dictionary<ActivationMode, Stack<ChunkActivations>> _free = [];
    private readonly List<ChunkActivations> _all = [];

    /// <summary>Makes the components; logits go in blocks of <paramref name="logitsRows"/> rows, or are whole (0).</summary>
    public StageModel(
        IBackend backend, ModelWeights weights, StageLayout layout, int stage, RopeTables rope, AttentionScratch scratch, LayerTemporaries temporaries, int maxTokens,
        int maxSequences, GradientSet? gradients, bool routesOnHost, int logitsRows)
    {
        Stage = stage;
        (MaxTokens, MaxSequences) = (maxTokens, maxSequences);
        Layers = [.. Enumerable.Range(layout.FirstLayer(stage), layout.LayerCount(stage)).Select(
            layer => new TransformerLayer(weights.Config, weights.LayerOf(layer), rope, scratch))];
        Embedding = StageLayout.IsFirst(stage) ? new Embedding(weights) : null;
        int depths = layout.IsLast(stage) ? 1 + layout.Modules : 0;
        Heads = [.. Enumerable.Range(0, depths).Select(depth => new OutputHead(weights, temporaries, depth))];
        Predictions = [.. Enumerable.Range(1, Math.Max(0, depths - 1)).Select(depth => new PredictionInput(weights, depth))];
        Gradients = gradients;
        _makeChunk = mode => new ChunkActivations(backend, weights.Config, layout, stage, maxTokens, maxSequences, mode, routesOnHost, logitsRows);
    }

    public int Stage { get; }

    /// <summary>Rows of the largest chunk.</summary>
    public int MaxTokens { get; }

    /// <summary>Sequences of the largest chunk.</summary>
    public int MaxSequences { get; }

    public TransformerLayer[] Layers { get; }

    public Embedding? Embedding { get; }

    /// <summary>At the last stage the head of the main model and those of the prediction modules; else none.</summary>
    public OutputHead[] Heads { get; }

    /// <summary>How each prediction module of the stage begins.</summary>
    public PredictionInput[] Predictions { get; }

    /// <summary>
    /// Gradients of the blocks of all stages of the rank, so that what two of them use, such as the embedding of the first stage and of the last one's prediction
    /// modules, has one sum; null when the rank only infers.
    /// </summary>
    public GradientSet? Gradients { get; }

    /// <summary>Lends activations for a chunk; they are made when none is free, so as many exist as chunks were ever under way at once.</summary>
    public ChunkActivations Rent(ActivationMode mode)
    {
        if (_free.TryGetValue(mode, out Stack<ChunkActivations>? free) && free.TryPop(out ChunkActivations? chunk))
        {
            return chunk;
        }

        chunk = _makeChunk(mode);
        _all.Add(chunk);
        return chunk;
    }

    public void Return(ChunkActivations chunk, ActivationMode mode)
    {
        if (!_free.TryGetValue(mode, out Stack<ChunkActivations>? free))
        {
            _free[mode] = free = new Stack<ChunkActivations>();
        }

        free.Push(chunk);
    }

    /// <summary>The blocks of the stages of a rank, each once.</summary>
    /// <param name="weights">Values of a part that holds the stages; or shapes alone.</param>
    /// <param name="layout">Layers of the stages.</param>
    /// <param name="stages">The stages.</param>
    /// <param name="experts">The rank's experts.</param>
    public static IEnumerable<ParameterBlock> BlocksOf(ModelWeights weights, StageLayout layout, IEnumerable<int> stages, ExpertRange experts)
    {
        var blocks = new List<ParameterBlock>();
        foreach (int stage in stages)
        {
            if (layout.HasEmbedding(stage))
            {
                blocks.Add(weights.Embedding!);
            }

            for (int i = 0; i < layout.LayerCount(stage); i++)
            {
                LayerWeights layer = weights.LayerOf(layout.LayerOf(stage, i));
                blocks.AddRange(layer.Blocks());
                if (layer.HasExperts)
                {
                    ExpertWeights own = layer.ExpertsOf(experts);
                    blocks.AddRange([own.GateUp, own.Down]);
                }
            }

            if (layout.IsLast(stage))
            {
                blocks.AddRange([weights.FinalNorm!, weights.Head!, .. weights.Predictions.SelectMany(prediction => prediction.Blocks())]);
            }
        }

        return blocks.Distinct();
    }

    public void Dispose()
    {
        foreach (ChunkActivations chunk in _all)
        {
            chunk.Dispose();
        }
    }
}
