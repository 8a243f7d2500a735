using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Model.Layers;

/// <summary>
/// What lies inside a feed-forward, between the product for gate and up and that for the output: SwiGLU and the product behind it, forward and backward. Where
/// that product takes codes, SwiGLU makes them.
/// </summary>
/// <param name="gateUp">Gate rows, then up rows (2F, H).</param>
/// <param name="down">(H, F).</param>
/// <param name="scratch">Lends memory for codes; it outlives this.</param>
internal sealed class GatedProjections(Projection gateUp, Projection down, WarmPool<QuantizedScratch> scratch)
{
    /// <summary>Whether few rows may go through the whole feed-forward at once, which takes no codes.</summary>
    public bool MayFuse => !gateUp.IsQuantized && !down.IsQuantized;

    /// <summary>y = down(silu(gate) · up), or addend + that.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="inside">(rows, 2F): gate, then up.</param>
    /// <param name="activated">(rows, F): memory for the activation; undefined afterwards where the product takes codes.</param>
    /// <param name="kept">Output (rows, 2F): codes of gate and up; absent: they are not kept.</param>
    /// <param name="y">Output (rows, H).</param>
    /// <param name="addend">(rows, H), or absent; not with offsets.</param>
    /// <param name="offsets">Where each group's rows begin; absent: there is one group.</param>
    /// <param name="live">How many rows are there, with offsets; absent: all.</param>
    public void Forward(
        IStream stream, Tensor inside, Tensor activated, in QuantizedRows kept, Tensor y, Tensor addend = default, Tensor offsets = default, Tensor live = default)
    {
        if (down.IsQuantized)
        {
            QuantizedScratch lent = scratch.Rent();
            QuantizedRows codes = lent.Rows(activated.Rows, new TileCuts(activated.Columns));
            stream.SwiGluCodes(inside, activated, kept, codes, live);
            down.Forward(stream, codes, y, offsets, addend);
            scratch.Return(lent);
            return;
        }

        if (!kept.Codes.IsAbsent)
        {
            stream.QuantizeRows(inside, kept, ScaleKind.Float32, live);
        }

        stream.SwiGlu(inside, activated, live);
        down.Forward(stream, activated, y, addend, default, offsets, live);
    }

    /// <summary>dx = gradient of the input of gate and up, or addend + that.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="kept">(rows, 2F): codes of gate and up; absent: <paramref name="inside"/> has them.</param>
    /// <param name="inside">Output (rows, 2F): the gradients of gate and up.</param>
    /// <param name="activated">(rows, F): gradient of the activation before weighting; becomes the weighted activation.</param>
    /// <param name="weights">(1, rows): each row's weight, or absent.</param>
    /// <param name="dWeights">Output (1, rows), absent where weights are.</param>
    /// <param name="dx">Output (rows, H).</param>
    /// <param name="addend">(rows, H), or absent; may be <paramref name="dx"/>; not with offsets.</param>
    /// <param name="offsets">Where each group's rows begin; absent: there is one group.</param>
    /// <param name="live">How many rows are there, with offsets; absent: all.</param>
    public void BackwardInput(
        IStream stream, in QuantizedRows kept, Tensor inside, Tensor activated, Tensor weights, Tensor dWeights, Tensor dx, Tensor addend = default,
        Tensor offsets = default, Tensor live = default)
    {
        if (kept.Codes.IsAbsent)
        {
            stream.SwiGluBackward(inside, activated, weights, inside, activated, dWeights, live);
            gateUp.BackwardInput(stream, inside, dx, addend, offsets, live);
            return;
        }

        // Codes of gate and up are kept where their own product takes codes.
        QuantizedScratch lent = scratch.Rent();
        QuantizedRows codes = lent.Rows(inside.Rows, kept.Cuts);
        stream.SwiGluBackwardCodes(kept, activated, weights, inside, codes, dWeights, live);
        gateUp.BackwardInput(stream, codes, dx, offsets, addend);
        scratch.Return(lent);
    }
}
