using Actors.Tensors;

namespace Actors.Model.Parameters;

/// <summary>
/// What a multi-token-prediction module has beside its transformer layer (DeepSeek-V3 technical report, section 2.2). Embedding and output head are
/// the main model's own blocks. H: hidden size.
/// </summary>
public sealed class PredictionWeights
{
    internal PredictionWeights(IBackend backend, ModelConfig config, LayerWeights layer)
    {
        Layer = layer;
        string prefix = $"model.layers.{layer.Layer}";
        int hidden = config.HiddenSize;
        EmbeddingNorm = ParameterBlock.Vector(backend, $"{prefix}.enorm.weight", hidden, InitialValue.One);
        HiddenNorm = ParameterBlock.Vector(backend, $"{prefix}.hnorm.weight", hidden, InitialValue.One);
        Projection = ParameterBlock.Linear(backend, $"{prefix}.eh_proj", 1, 2 * hidden, ($"{prefix}.eh_proj.weight", hidden));
        OutputNorm = ParameterBlock.Vector(backend, $"{prefix}.shared_head.norm.weight", hidden, InitialValue.One);
    }

    /// <summary>The module's transformer layer.</summary>
    public LayerWeights Layer { get; }

    /// <summary>Weight of the norm of the embedded tokens (1, H).</summary>
    public ParameterBlock EmbeddingNorm { get; }

    /// <summary>Weight of the norm of the hidden rows of the depth before (1, H).</summary>
    public ParameterBlock HiddenNorm { get; }

    /// <summary>eh_proj (H, 2H): joins both, the embedding's columns first.</summary>
    public ParameterBlock Projection { get; }

    /// <summary>Weight of the norm before the output head (1, H).</summary>
    public ParameterBlock OutputNorm { get; }

    /// <summary>Its blocks but the layer's, in a fixed order.</summary>
    public IEnumerable<ParameterBlock> Blocks() => [EmbeddingNorm, HiddenNorm, Projection, OutputNorm];

    /// <summary>What a checkpoint holds of the embedding or the head once more for each module.</summary>
    /// <param name="config">Has the modules.</param>
    /// <param name="names">Names inside a module's layer.</param>
    internal static IReadOnlyList<HubTensor> Copies(ModelConfig config, params string[] names) =>
    [
        .. from module in Enumerable.Range(config.Layers, config.PredictLayers)
           from name in names
           select new HubTensor($"model.layers.{module}.{name}", 0, config.VocabularySize, config.HiddenSize, IsVector: false),
    ];
}
