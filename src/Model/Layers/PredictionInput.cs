using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>
/// How a multi-token-prediction module begins (DeepSeek-V3 technical report, equation 21): the embedding of the next token and the hidden row of the depth
/// before, each normed, joined by one projection. What follows is a transformer layer and an <see cref="OutputHead"/>.
/// </summary>
public sealed class PredictionInput
{
    private readonly PredictionWeights _weights;
    private readonly ParameterBlock _table;
    private readonly float _epsilon;

    /// <summary>Makes the component of module <paramref name="depth"/>, from 1.</summary>
    public PredictionInput(ModelWeights weights, int depth)
    {
        ArgumentNullException.ThrowIfNull(weights);
        _weights = weights.Predictions[depth - 1];
        _table = weights.Embedding!;
        _epsilon = (float)weights.Config.RmsNormEpsilon;
    }

    /// <summary>output = eh_proj [enorm(embedding of ids), hnorm(hidden)].</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">What is kept.</param>
    /// <param name="ids">Int32 (1, tokens): at each place the token <c>depth</c> places further.</param>
    /// <param name="hidden">(tokens, H): the normed rows of the depth before, which stay as they are until the backward.</param>
    /// <param name="output">Output (tokens, H): the layer's input.</param>
    public void Forward(IStream stream, PredictionActivations activations, Tensor ids, Tensor hidden, Tensor output)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        PredictionActivations a = activations;
        stream.Embed(ids, _table.Values, a.Embedded);
        stream.RmsNorm(a.Embedded, _weights.EmbeddingNorm.Values, _epsilon, a.JoinedEmbedding, a.EmbeddedRstd);
        stream.RmsNorm(hidden, _weights.HiddenNorm.Values, _epsilon, a.JoinedHidden, a.HiddenRstd);
        stream.Linear(a.Joined, _weights.Projection.Weight, output);
    }

    /// <summary>
    /// From <see cref="PredictionActivations.OutputGradient"/> computes <see cref="PredictionActivations.HiddenGradient"/>, keeps the embeddings' gradient for
    /// <see cref="BackwardWeights"/>, and adds the gradients of the norms' weights.
    /// </summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">Of the forward, the output's gradient filled.</param>
    /// <param name="hidden">As in the forward.</param>
    /// <param name="gradients">Of the norms.</param>
    public void BackwardInput(IStream stream, PredictionActivations activations, Tensor hidden, GradientSet gradients)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        ArgumentNullException.ThrowIfNull(gradients);
        PredictionActivations a = activations;
        stream.LinearBackwardInput(a.OutputGradient, _weights.Projection.Weight, a.JoinedGradient);
        gradients.AddNorm(stream, _weights.EmbeddingNorm, a.EmbeddedGradient, a.Embedded, a.EmbeddedRstd);
        gradients.AddNorm(stream, _weights.HiddenNorm, a.HiddenGradient, hidden, a.HiddenRstd);
    }

    /// <summary>Adds the gradients of the projection and of the embedding; any time after <see cref="BackwardInput"/>.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">Of the backward.</param>
    /// <param name="ids">As in the forward.</param>
    /// <param name="gradients">Added to.</param>
    public void BackwardWeights(IStream stream, PredictionActivations activations, Tensor ids, GradientSet gradients)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        ArgumentNullException.ThrowIfNull(gradients);
        gradients.AddProduct(stream, _weights.Projection, activations.OutputGradient, activations.Joined);
        gradients.AddEmbedding(stream, _table, ids, activations.EmbeddedGradient);
    }
}
