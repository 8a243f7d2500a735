using Actors.Model.Parameters;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Model.Layers;

/// <summary>
/// down(silu(gate(x)) · up(x)): the feed-forward of a dense layer, or the shared expert of a layer with experts.
/// </summary>
public sealed class DenseFeedForward
{
    private readonly ParameterBlock _gateUp;
    private readonly ParameterBlock _down;

    /// <summary>Makes the component from its matrices.</summary>
    /// <param name="gateUp">Gate rows, then up rows (2F, H).</param>
    /// <param name="down">Down projection (H, F).</param>
    public DenseFeedForward(ParameterBlock gateUp, ParameterBlock down)
    {
        _gateUp = gateUp;
        _down = down;
    }

    /// <summary>Inner elements F.</summary>
    public int InnerColumns => _down.Weight.Inputs;

    /// <summary>Its matrices.</summary>
    internal FeedForwardWeights Weights => new(_gateUp.Weight, _down.Weight);

    /// <summary>output = addend + feed-forward of <paramref name="input"/>.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">What is kept.</param>
    /// <param name="input">(tokens, H).</param>
    /// <param name="output">Output (tokens, H).</param>
    /// <param name="addend">(tokens, H): the residual of a dense layer; or absent.</param>
    public void Forward(IStream stream, FeedForwardActivations activations, Tensor input, Tensor output, Tensor addend = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        Tensor gateUp = activations.GateUp(input.Rows);
        Tensor activated = activations.Activated(input.Rows);
        stream.ExpectLinear(_down.Weight);
        stream.Expect(activated);
        stream.Expect(output);
        stream.Linear(input, _gateUp.Weight, gateUp);
        stream.SwiGlu(gateUp, activated);
        stream.Linear(activated, _down.Weight, output, addend);
    }

    /// <summary><see cref="Forward"/> where no backward follows: few rows may be computed in one go.</summary>
    /// <inheritdoc cref="Forward"/>
    public void ForwardOnly(IStream stream, FeedForwardActivations activations, Tensor input, Tensor output, Tensor addend = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.TryFeedForward(input, chosen: null, Weights, output, addend))
        {
            Forward(stream, activations, input, output, addend);
        }
    }

    /// <summary>inputGradient = addend + gradient of the input.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">Of the forward.</param>
    /// <param name="outputGradient">(tokens, H).</param>
    /// <param name="inputGradient">Output (tokens, H).</param>
    /// <param name="addend">(tokens, H) or absent; may be <paramref name="inputGradient"/>.</param>
    public void BackwardInput(
        IStream stream, FeedForwardActivations activations, Tensor outputGradient, Tensor inputGradient, Tensor addend = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        Tensor gateUp = activations.GateUp(outputGradient.Rows);
        Tensor activated = activations.Activated(outputGradient.Rows);
        stream.Expect(gateUp);
        stream.ExpectLinearBackwardInput(_gateUp.Weight);
        stream.Expect(inputGradient);
        stream.LinearBackwardInput(outputGradient, _down.Weight, activated);
        stream.SwiGluBackward(gateUp, activated, default, gateUp, activated, default);
        stream.LinearBackwardInput(gateUp, _gateUp.Weight, inputGradient, addend);
    }

    /// <summary>Adds the chunk's weight gradients to <paramref name="gradients"/>; any time after <see cref="BackwardInput"/>.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">Of the backward for input.</param>
    /// <param name="input">As in the forward.</param>
    /// <param name="outputGradient">As in the backward for input.</param>
    /// <param name="gradients">Added to.</param>
    public void BackwardWeights(
        IStream stream, FeedForwardActivations activations, Tensor input, Tensor outputGradient, GradientSet gradients)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        ArgumentNullException.ThrowIfNull(gradients);
        stream.Expect(input);
        gradients.Expect(stream, _gateUp);
        gradients.AddProduct(stream, _down, outputGradient, activations.Activated(input.Rows));
        gradients.AddProduct(stream, _gateUp, activations.GateUp(input.Rows), input);
    }
}
