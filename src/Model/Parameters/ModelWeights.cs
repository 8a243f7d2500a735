using Actors.Tensors;

namespace Actors.Model.Parameters;

/// <summary>
/// The values of a part of a model. Several stage instances in one process may read the same object; whoever owns it updates
/// it while none of them runs, and prepares it afterwards.
/// </summary>
public sealed class ModelWeights : IDisposable
{
    /// <summary>The hub's name of the embedding, and of the head where both are one matrix.</summary>
    internal const string EmbeddingName = "model.embed_tokens.weight";

    /// <summary>The hub's name of a head of its own.</summary>
    internal const string HeadName = "lm_head.weight";

    private const string EmbeddingCopy = "embed_tokens.weight", HeadCopy = "shared_head.head.weight";

    private readonly List<ParameterBlock> _blocks = [];
    private readonly ParameterBlock? _tied;

    /// <summary>Allocates the values of <paramref name="part"/>; their contents are undefined until initialized or loaded.</summary>
    public ModelWeights(IBackend backend, ModelConfig config, ModelPart part)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(part);
        foreach (int layer in part.Layers)
        {
            if ((uint)layer >= (uint)config.AllLayers)
            {
                throw new ArgumentOutOfRangeException(nameof(part), $"Layer {layer} is outside the model's {config.AllLayers}.");
            }
        }

        Config = config;
        Part = part;
        if (config.TieWordEmbeddings && (part.HasEmbedding || part.HasHead))
        {
            _tied = ParameterBlock.Linear(
                backend, EmbeddingName, 1, config.HiddenSize, PredictionWeights.Copies(config, EmbeddingCopy, HeadCopy), (EmbeddingName, config.VocabularySize));
        }

        if (part.HasEmbedding)
        {
            Embedding = _tied ?? ParameterBlock.Table(
                backend, EmbeddingName, config.VocabularySize, config.HiddenSize, PredictionWeights.Copies(config, EmbeddingCopy));
        }

        Layers = [.. part.Layers.Select(layer => new LayerWeights(backend, config, layer, part.Experts))];
        if (part.HasHead)
        {
            FinalNorm = ParameterBlock.Vector(backend, "model.norm.weight", config.HiddenSize, InitialValue.One);
            Head = _tied ?? ParameterBlock.Linear(
                backend, "lm_head", 1, config.HiddenSize, PredictionWeights.Copies(config, HeadCopy), (HeadName, config.VocabularySize));
        }

        Predictions = [.. Layers.Where(layer => layer.Layer >= config.Layers).Select(layer => new PredictionWeights(backend, config, layer))];
        if (Predictions.Count > 0 && (Embedding is null || Head is null))
        {
            throw new ArgumentException("Prediction modules use embedding and output head, which this part of the model does not have.", nameof(part));
        }

        _blocks.AddRange(BlocksOf(Enumerable.Range(0, part.Experts.Count)));
    }

    /// <summary>Sizes and rules.</summary>
    public ModelConfig Config { get; }

    /// <summary>Which part this is.</summary>
    public ModelPart Part { get; }

    /// <summary>Embedding table (vocabulary, H), or null.</summary>
    public ParameterBlock? Embedding { get; }

    /// <summary>The part's layers, in order; those of modules last.</summary>
    public IReadOnlyList<LayerWeights> Layers { get; }

    /// <summary>The part's multi-token-prediction modules, by depth.</summary>
    public IReadOnlyList<PredictionWeights> Predictions { get; }

    /// <summary>The layer of a number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part doesn't have it.</exception>
    public LayerWeights LayerOf(int layer)
    {
        foreach (LayerWeights one in Layers)
        {
            if (one.Layer == layer)
            {
                return one;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(layer), layer, "The part doesn't have this layer.");
    }

    /// <summary>Weight of the last norm (1, H), or null.</summary>
    public ParameterBlock? FinalNorm { get; }

    /// <summary>Output head (vocabulary, H), or null; the same block as <see cref="Embedding"/> where the model ties both.</summary>
    public ParameterBlock? Head { get; }

    /// <summary>
    /// Every block once, in a fixed order: embedding, layer by layer (own blocks, then each range's experts), norm, head, and module by module its layer and
    /// what it has beside it. A tied head stands at the embedding's place.
    /// </summary>
    public IReadOnlyList<ParameterBlock> Blocks => _blocks;

    /// <summary>The blocks, in the same order, that an instance holding only the experts of <paramref name="ranges"/> uses.</summary>
    /// <param name="ranges">Positions in <see cref="ModelPart.Experts"/>.</param>
    public IEnumerable<ParameterBlock> BlocksOf(IEnumerable<int> ranges)
    {
        int[] chosen = [.. ranges];
        if (Embedding is not null)
        {
            yield return Embedding;
        }

        foreach (ParameterBlock block in Layers.Where(layer => layer.Layer < Config.Layers).SelectMany(layer => BlocksOf(layer, chosen)))
        {
            yield return block;
        }

        if (FinalNorm is not null && Head is not null)
        {
            yield return FinalNorm;
            if (Head != Embedding)
            {
                yield return Head;
            }
        }

        foreach (ParameterBlock block in Predictions.SelectMany(prediction => BlocksOf(prediction.Layer, chosen).Concat(prediction.Blocks())))
        {
            yield return block;
        }
    }

    /// <summary>Fills every value of a fresh model and prepares it: see <see cref="ParameterBlock.Initialize"/>.</summary>
    public void Initialize(IStream stream, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(stream);
        foreach (ParameterBlock block in _blocks)
        {
            block.Initialize(stream, Config.InitializerRange, seed);
        }

        Prepare(stream);
    }

    /// <summary>Refreshes what the backend derives from the values of all linear layers.</summary>
    public void Prepare(IStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        foreach (ParameterBlock block in _blocks)
        {
            block.Prepare(stream);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ParameterBlock block in _blocks)
        {
            block.Dispose();
        }
    }

    private static IEnumerable<ParameterBlock> BlocksOf(LayerWeights layer, int[] ranges) =>
        layer.HasExperts ? layer.Blocks().Concat(ranges.SelectMany(range => new[] { layer.Experts[range].GateUp, layer.Experts[range].Down })) : layer.Blocks();
}
