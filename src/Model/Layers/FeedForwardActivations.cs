using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Model.Layers;

/// <summary>
/// What a <see cref="DenseFeedForward"/> keeps of one chunk, from its forward to its weight gradients. Where its products take codes, it keeps those of its input
/// and of gate and up, from which the backward computes the activation again.
/// </summary>
public sealed class FeedForwardActivations : IDisposable
{
    private readonly Arena _arena;
    private readonly Tensor _gateUp, _activated;
    private readonly QuantizedRows _inputCodes, _gateUpCodes;

    /// <summary>Allocates for chunks of at most <paramref name="maxTokens"/>.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="hidden">Elements H of an input row.</param>
    /// <param name="innerColumns">Inner elements F; 0: there is no feed-forward.</param>
    /// <param name="maxTokens">Rows of the largest chunk.</param>
    /// <param name="mode">What to keep.</param>
    public FeedForwardActivations(IBackend backend, int hidden, int innerColumns, int maxTokens, ActivationMode mode)
    {
        ArgumentNullException.ThrowIfNull(backend);
        int tokens = innerColumns > 0 ? maxTokens : 0;
        HasCodes = backend.Precision.Quantizes(hidden);
        KeepsCodes = HasCodes && mode != ActivationMode.ForwardOnly;
        (TileCuts input, TileCuts gateUp) = (new(hidden), new(2 * innerColumns, innerColumns));
        var plan = new TensorPlan();
        plan.Add(HasCodes ? 0 : tokens, 2 * innerColumns, backend.Precision.Rows);
        plan.Add(HasCodes ? 0 : tokens, innerColumns, backend.Precision.Rows);
        plan.AddQuantized(KeepsCodes ? tokens : 0, input);
        plan.AddQuantized(KeepsCodes ? tokens : 0, gateUp);
        _arena = plan.Allocate(backend);
        _gateUp = plan.Next();
        _activated = plan.Next();
        _inputCodes = plan.NextQuantized(input);
        _gateUpCodes = plan.NextQuantized(gateUp);
    }

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    /// <summary>Whether rows lie in <see cref="FeedForwardTemporaries"/>.</summary>
    internal bool HasCodes { get; }

    /// <summary>Whether codes are kept for a backward.</summary>
    internal bool KeepsCodes { get; }

    /// <summary>On loan from the backward for input to the weight gradients.</summary>
    internal FeedForwardTemporaries? Temporaries { get; set; }

    /// <summary>(tokens, 2F): gate then up; after the backward for input, their gradients.</summary>
    internal Tensor GateUp(int tokens) => _gateUp.RowRange(0, tokens);

    /// <summary>(tokens, F): the activation; in the backward its gradient, then the activation again.</summary>
    internal Tensor Activated(int tokens) => _activated.RowRange(0, tokens);

    /// <summary>The input (tokens, H); absent where no codes are kept.</summary>
    internal QuantizedRows InputCodes(int tokens) => KeepsCodes ? _inputCodes.RowRange(0, tokens) : default;

    /// <summary>(tokens, 2F): gate then up; absent where no codes are kept.</summary>
    internal QuantizedRows GateUpCodes(int tokens) => KeepsCodes ? _gateUpCodes.RowRange(0, tokens) : default;
}
