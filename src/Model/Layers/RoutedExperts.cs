using Actors.Model.Parameters;
using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Quantized;

namespace Actors.Model.Layers;

/// <summary>
/// A shard: the routed experts of one layer that one rank holds. It turns received rows into partial sums over its experts,
/// each row once however many of them chose it. Used by one stream at a time.
/// </summary>
public sealed class RoutedExperts
{
    private readonly ExpertWeights _weights;
    private readonly Projection _gateUp, _down;
    private readonly GatedProjections _inside;
    private readonly WarmPool<ExpertTemporaries> _temporaries;
    private readonly WarmPool<QuantizedScratch> _codes;
    private readonly int _hidden;
    private readonly int _inner;

    /// <summary>Makes the shard of one layer.</summary>
    /// <param name="weights">Its values.</param>
    /// <param name="temporaries">Lends memory; it outlives this.</param>
    public RoutedExperts(ExpertWeights weights, LayerTemporaries temporaries)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(temporaries);
        _weights = weights;
        _gateUp = new Projection(weights.GateUp, temporaries.Codes);
        _down = new Projection(weights.Down, temporaries.Codes);
        _inside = new GatedProjections(_gateUp, _down, temporaries.Codes);
        _hidden = _gateUp.Weight.Inputs;
        _inner = _down.Weight.Inputs;
        _temporaries = temporaries.Experts;
        _codes = temporaries.Codes;
    }

    /// <summary>Number of local experts.</summary>
    public int LocalExperts => _weights.Range.Count;

    /// <summary>
    /// partial[t] = Σ over t's local experts in expert order, from zero with fused multiply-add, of weight · expert(received[t]).
    /// </summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">What is kept.</param>
    /// <param name="received">(T', H); where the product takes codes also these with their scales, as <see cref="PackedE4M3"/>.</param>
    /// <param name="localExperts">Int32 (T', K): local expert of each choice, −1 where it is another rank's.</param>
    /// <param name="localChoices">How many of the choices are local: rows that the experts compute.</param>
    /// <param name="weights">(T', K); read where the choice is local.</param>
    /// <param name="partial">Output (T', H).</param>
    /// <param name="live">
    /// Int32 (1, 1): how many received rows are there, known on the device alone; then there are at most <paramref name="localChoices"/>, and what has no room is left
    /// out. Absent: all.
    /// </param>
    /// <param name="needed">Int32 (1, 1), with <paramref name="live"/>: at least what it was, and how many choices are local.</param>
    public void Forward(
        IStream stream, RoutedExpertsActivations activations, Tensor received, Tensor localExperts, int localChoices, Tensor weights, Tensor partial,
        Tensor live = default, Tensor needed = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        RoutedExpertsActivations a = activations;
        if (localExperts.Columns != weights.Columns || weights.Rows != received.Rows || localExperts.Rows != received.Rows)
        {
            throw TensorShapeException.Mismatch(
                "routed experts", "weights", weights, $"{received.Rows} rows of as many choices as {localExperts} has");
        }

        a.Prepare(received.Rows, weights.Columns, LocalExperts, localChoices, _hidden, _inner, _gateUp.IsQuantized, live);
        stream.SortByExpert(localExperts, a.Order, live, needed);
        Tensor flat = weights.Reshape((int)weights.Count, 1);
        stream.GatherRows(flat, a.Order.Slots, a.RowWeights.Reshape(a.Rows, 1), a.LiveRows);
        stream.GatherRows(flat, a.Order.SumSlots, a.SumWeights.Reshape((int)weights.Count, 1));
        ExpertTemporaries temporaries = _temporaries.Rent();
        (Tensor gateUp, Tensor activated) = Inside(a, temporaries);
        if (a.KeepsCodes)
        {
            GatherCodes(stream, received, a, a.Inputs.Codes);
            _gateUp.Forward(stream, a.Inputs.Codes, gateUp, a.Order.Offsets);
        }
        else
        {
            stream.GatherRows(received, a.Order.Sources, a.Inputs.Rows, a.LiveRows);
            stream.ExpectLinear(_down.Weight);
            stream.Expect(activated);
            _gateUp.Forward(stream, a.Inputs.Rows, gateUp, offsets: a.Order.Offsets);
        }

        Tensor outputs = temporaries.Results(a.Rows, _hidden);
        _inside.Forward(stream, gateUp, activated, Kept(a), outputs, default, a.Order.Offsets, a.LiveRows);
        stream.SumRows(outputs, a.Order.SumRows, a.SumWeights, partial, live);
        _temporaries.Return(temporaries);
    }

    /// <summary><see cref="Forward"/> where no backward follows: few rows may be computed without an order by expert.</summary>
    /// <inheritdoc cref="Forward"/>
    public void ForwardOnly(
        IStream stream, RoutedExpertsActivations activations, Tensor received, Tensor localExperts, int localChoices, Tensor weights, Tensor partial)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!MayFuse || !stream.TryFeedForward(received, Chosen(localExperts, weights), shared: null, partial, addend: default))
        {
            Forward(stream, activations, received, localExperts, localChoices, weights, partial);
        }
    }

    /// <summary>Whether few rows may be computed in one go, which takes no codes.</summary>
    internal bool MayFuse => _inside.MayFuse;

    /// <summary>Its experts by the choices of rows.</summary>
    internal ChosenExperts Chosen(Tensor localExperts, Tensor weights) => new(localExperts, weights, new(_gateUp.Weight, _down.Weight));

    /// <summary>
    /// receivedGradient[t] = Σ over t's local experts in expert order of the gradient through each; and the gradient of each
    /// local choice's weight, 0 for the others.
    /// </summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">Of the forward.</param>
    /// <param name="partialGradient">(T', H): gradient of the layer's routed sum in each received row; where the product takes codes also as <see cref="PackedE4M3"/>.</param>
    /// <param name="receivedGradient">Output (T', H).</param>
    /// <param name="weightGradient">Output (T', K).</param>
    public void BackwardInput(
        IStream stream, RoutedExpertsActivations activations, Tensor partialGradient, Tensor receivedGradient, Tensor weightGradient)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        RoutedExpertsActivations a = activations;
        ExpertTemporaries temporaries = a.Temporaries ??= _temporaries.Rent();
        (Tensor gateUp, Tensor activated) = Inside(a, temporaries);
        Tensor rowWeightGradients = temporaries.WeightGradients(a.Rows);
        ProductRows rowGradients = Gradients(a, temporaries);
        if (_down.IsQuantized)
        {
            GatherCodes(stream, partialGradient, a, rowGradients.Codes);
            _down.BackwardInput(stream, rowGradients.Codes, activated, a.Order.Offsets);
        }
        else
        {
            stream.GatherRows(partialGradient, a.Order.Sources, rowGradients.Rows, a.LiveRows);
            stream.Expect(gateUp);
            stream.ExpectLinearBackwardInput(_gateUp.Weight);
            _down.BackwardInput(stream, rowGradients.Rows, activated, offsets: a.Order.Offsets);
        }

        Tensor inputs = temporaries.Results(a.Rows, _hidden);
        _inside.BackwardInput(stream, Kept(a), gateUp, activated, a.RowWeights, rowWeightGradients, inputs, default, a.Order.Offsets, a.LiveRows);
        stream.SumRows(inputs, a.Order.SumRows, default, receivedGradient, a.LiveReceived);
        stream.GatherRows(rowWeightGradients.Reshape(a.Rows, 1), a.Order.RowOfSlot, weightGradient.Reshape((int)weightGradient.Count, 1));
    }

    /// <summary>Adds the chunk's weight gradients to <paramref name="gradients"/>; any time after <see cref="BackwardInput"/>.</summary>
    public void BackwardWeights(IStream stream, RoutedExpertsActivations activations, GradientSet gradients)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        ArgumentNullException.ThrowIfNull(gradients);
        RoutedExpertsActivations a = activations;
        ExpertTemporaries temporaries = a.Temporaries
            ?? throw new InvalidOperationException("Routed experts: weight gradients before the backward for input.");
        if (!a.KeepsCodes)
        {
            stream.Expect(a.Inputs.Rows.RowRange(0, a.Rows / LocalExperts));
        }

        gradients.Expect(stream, _weights.GateUp);
        (Tensor gateUp, Tensor activated) = Inside(a, temporaries);
        _down.BackwardWeight(stream, Gradients(a, temporaries), new ProductRows(activated), gradients, a.Order.Offsets);
        _gateUp.BackwardWeight(stream, new ProductRows(gateUp), a.Inputs, gradients, a.Order.Offsets);
        a.Temporaries = null;
        _temporaries.Return(temporaries);
    }

    /// <summary>
    /// Sorts codes and scales of received rows by expert. Rows of other ranks come as codes; those that did not travel are quantized here as their source would have,
    /// with scales that are powers of two, once a row, however many experts take it.
    /// </summary>
    private void GatherCodes(IStream stream, Tensor received, RoutedExpertsActivations a, in QuantizedRows sorted)
    {
        if (received.Type == ElementType.E4M3)
        {
            GatherCodes(stream, new PackedE4M3(received, sorted.Cuts.Length).Rows, a, sorted);
            return;
        }

        QuantizedScratch lent = _codes.Rent();
        QuantizedRows codes = lent.Rows(received.Rows, sorted.Cuts);
        stream.QuantizeRows(received, codes, ScaleKind.PowerOfTwo, a.LiveReceived);
        GatherCodes(stream, codes, a, sorted);
        _codes.Return(lent);
    }

    private static void GatherCodes(IStream stream, in QuantizedRows codes, RoutedExpertsActivations a, in QuantizedRows sorted)
    {
        stream.GatherRows(codes.Codes, a.Order.Sources, sorted.Codes, a.LiveRows);
        stream.GatherRows(codes.Scales, a.Order.Sources, sorted.Scales, a.LiveRows);
    }

    /// <summary>Gradient of what each sorted row adds to its partial sum.</summary>
    private ProductRows Gradients(RoutedExpertsActivations a, ExpertTemporaries temporaries) => _down.IsQuantized
        ? new ProductRows(default, temporaries.GradientCodes(a.Rows, _hidden))
        : new ProductRows(temporaries.Gradients(a.Rows, _hidden));

    private static QuantizedRows Kept(RoutedExpertsActivations a) => a.KeepsCodes ? a.GateUpCodes : default;

    private (Tensor GateUp, Tensor Activated) Inside(RoutedExpertsActivations a, ExpertTemporaries temporaries) => a.KeepsCodes
        ? (temporaries.Inside.GateUp(a.Rows, _inner), temporaries.Inside.Activated(a.Rows, _inner))
        : (a.GateUp, a.Activated);
}
