using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// One stage of the model as one rank holds it: the layers' components over shared values, gradients of its own, and the
/// activations of the chunks under way.
/// </summary>
internal sealed class StageModel : IDisposable
{
    private readonly Func<ActivationMode, ChunkActivations> _makeChunk;
    private readonly Dictionary<ActivationMode, Stack<ChunkActivations>> _free = [];
    private readonly List<ChunkActivations> _all = [];

    public StageModel(
        IBackend backend, ModelWeights weights, StageLayout layout, int stage, int expertRank, RopeTables rope, AttentionScratch scratch,
        int maxTokens, int maxSequences, bool trains)
    {
        Stage = stage;
        Layers = new TransformerLayer[layout.LayerCount(stage)];
        var blocks = new List<ParameterBlock>();
        if (StageLayout.IsFirst(stage))
        {
            Embedding = new Embedding(weights);
            blocks.Add(weights.Embedding!);
        }

        for (int i = 0; i < Layers.Length; i++)
        {
            LayerWeights layer = weights.Layers[layout.FirstLayer(stage) + i];
            Layers[i] = new TransformerLayer(weights.Config, layer, rope, scratch);
            blocks.AddRange(layer.Blocks());
            if (layer.HasExperts)
            {
                blocks.Add(layer.Experts[expertRank].GateUp);
                blocks.Add(layer.Experts[expertRank].Down);
            }
        }

        if (layout.IsLast(stage))
        {
            Head = new OutputHead(weights);
            blocks.Add(weights.FinalNorm!);
            if (!blocks.Contains(weights.Head!))
            {
                blocks.Add(weights.Head!);
            }
        }

        Gradients = trains ? new GradientSet(backend, blocks) : null;
        _makeChunk = mode => new ChunkActivations(backend, weights.Config, layout, stage, maxTokens, maxSequences, mode);
    }

    public int Stage { get; }

    public TransformerLayer[] Layers { get; }

    public Embedding? Embedding { get; }

    public OutputHead? Head { get; }

    /// <summary>Gradients of the stage's blocks; null when the rank only infers.</summary>
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

    public void Dispose()
    {
        foreach (ChunkActivations chunk in _all)
        {
            chunk.Dispose();
        }

        Gradients?.Dispose();
    }
}
