using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>Final norm, output projection and cross entropy: of the main model, or of a multi-token-prediction module, which shares the projection.</summary>
public sealed class OutputHead
{
    private readonly ParameterBlock _norm;
    private readonly ParameterBlock _head;
    private readonly float _epsilon;

    /// <summary>Makes the component of a part that has the head.</summary>
    /// <param name="weights">The part.</param>
    /// <param name="depth">0: the main model's; k: that of module k.</param>
    public OutputHead(ModelWeights weights, int depth = 0)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ParameterBlock? norm = depth == 0 ? weights.FinalNorm : weights.Predictions[depth - 1].OutputNorm;
        _norm = norm ?? throw new ArgumentException("This part of the model has no output head.", nameof(weights));
        _head = weights.Head ?? throw new ArgumentException("This part of the model has no output head.", nameof(weights));
        _epsilon = (float)weights.Config.RmsNormEpsilon;
    }

    /// <summary>Logits of every row, nothing else.</summary>
    public void Logits(IStream stream, OutputHeadActivations activations)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        stream.NormLinear(activations.Input, _norm.Values, _epsilon, activations.Hidden, activations.Rstd, _head.Weight, activations.Logits);
    }

    /// <summary>
    /// Losses of every row, after <see cref="Logits"/>; where the activations keep a backward, the logits' gradient takes the
    /// logits' place.
    /// </summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">With the logits.</param>
    /// <param name="targets">Int32 (1, tokens); −1 counts nothing.</param>
    /// <param name="scale">Factor of every gradient, such as 1 / tokens of the step.</param>
    public void Loss(IStream stream, OutputHeadActivations activations, Tensor targets, float scale)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        stream.CrossEntropy(activations.Logits, targets, scale, activations.Losses, activations.HasBackward ? activations.Logits : default);
    }

    /// <summary>Gradient of the head's input, and of the norm's weight.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">Of the forward.</param>
    /// <param name="inputGradient">Output (tokens, H).</param>
    /// <param name="gradients">Of the norm.</param>
    /// <param name="hiddenGradient">Gradient of <see cref="OutputHeadActivations.Hidden"/> from the module behind it (tokens, H), added; or absent.</param>
    public void BackwardInput(
        IStream stream, OutputHeadActivations activations, Tensor inputGradient, GradientSet gradients, Tensor hiddenGradient = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        ArgumentNullException.ThrowIfNull(gradients);
        stream.LinearBackwardInput(activations.Logits, _head.Weight, inputGradient, hiddenGradient);
        gradients.AddNorm(stream, _norm, inputGradient, activations.Input, activations.Rstd);
    }

    /// <summary>Adds the projection's gradient to <paramref name="gradients"/>; any time after <see cref="BackwardInput"/>.</summary>
    public void BackwardWeights(IStream stream, OutputHeadActivations activations, GradientSet gradients)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        ArgumentNullException.ThrowIfNull(gradients);
        gradients.AddProduct(stream, _head, activations.Logits, activations.Hidden);
    }
}
