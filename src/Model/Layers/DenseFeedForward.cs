using Actors.Model.Parameters;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Model.Layers;

/// <summary>
/// down(silu(gate(x)) · up(x)): the feed-forward of a dense layer, or the shared expert of a layer with experts.
/// </summary>
public sealed class DenseFeedForward
{
    private readonly Projection _gateUp, _down;
    private readonly GatedProjections _inside;
    private readonly WarmPool<FeedForwardTemporaries> _temporaries;

    /// <summary>Makes the component from its matrices.</summary>
    /// <param name="gateUp">Gate rows, then up rows (2F, H).</param>
    /// <param name="down">Down projection (H, F).</param>
    /// <param name="scratch">Shared by the layers of one stream.</param>
    public DenseFeedForward(ParameterBlock gateUp, ParameterBlock down, AttentionScratch scratch)
    {
        ArgumentNullException.ThrowIfNull(scratch);
        _gateUp = new Projection(gateUp, scratch.Codes);
        _down = new Projection(down, scratch.Codes);
        _inside = new GatedProjections(_gateUp, _down, scratch.Codes);
        _temporaries = scratch.FeedForward;
    }

    /// <summary>Inner elements F.</summary>
    public int InnerColumns => _down.Weight.Inputs;

    /// <summary>Its matrices.</summary>
    internal FeedForwardWeights Weights => new(_gateUp.Weight, _down.Weight);

    /// <summary>Whether few rows may be computed in one go, which takes no codes.</summary>
    internal bool MayFuse => _inside.MayFuse;

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
        FeedForwardTemporaries? lent = activations.HasCodes ? _temporaries.Rent() : null;
        (Tensor gateUp, Tensor activated) = Inside(activations, lent, input.Rows);
        stream.ExpectLinear(_down.Weight);
        stream.Expect(activated);
        stream.Expect(output);
        _gateUp.Forward(stream, input, gateUp, kept: activations.InputCodes(input.Rows));
        _inside.Forward(stream, gateUp, activated, activations.GateUpCodes(input.Rows), output, addend);
        if (lent is not null)
        {
            _temporaries.Return(lent);
        }
    }

    /// <summary><see cref="Forward"/> where no backward follows: few rows may be computed in one go.</summary>
    /// <inheritdoc cref="Forward"/>
    public void ForwardOnly(IStream stream, FeedForwardActivations activations, Tensor input, Tensor output, Tensor addend = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!MayFuse || !stream.TryFeedForward(input, chosen: null, Weights, output, addend))
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
        if (activations.HasCodes)
        {
            activations.Temporaries ??= _temporaries.Rent();
        }

        (Tensor gateUp, Tensor activated) = Inside(activations, activations.Temporaries, outputGradient.Rows);
        stream.Expect(gateUp);
        stream.ExpectLinearBackwardInput(_gateUp.Weight);
        stream.Expect(inputGradient);
        _down.BackwardInput(stream, outputGradient, activated);
        _inside.BackwardInput(stream, activations.GateUpCodes(outputGradient.Rows), gateUp, activated, default, default, inputGradient, addend);
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
        (Tensor gateUp, Tensor activated) = Inside(activations, activations.Temporaries, input.Rows);
        stream.Expect(input);
        gradients.Expect(stream, _gateUp.Block);
        _down.BackwardWeight(stream, new ProductRows(outputGradient), new ProductRows(activated), gradients);
        _gateUp.BackwardWeight(stream, new ProductRows(gateUp), new ProductRows(input, activations.InputCodes(input.Rows)), gradients);
        if (activations.Temporaries is { } lent)
        {
            activations.Temporaries = null;
            _temporaries.Return(lent);
        }
    }

    private (Tensor GateUp, Tensor Activated) Inside(FeedForwardActivations activations, FeedForwardTemporaries? lent, int rows) => lent is null
        ? (activations.GateUp(rows), activations.Activated(rows))
        : (lent.GateUp(rows, InnerColumns), lent.Activated(rows, InnerColumns));
}
