using Actors.Model.Parameters;
using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Model.Layers;

/// <summary>
/// The products of a linear layer inside a transformer layer, in the precision of its block: of rows as they are, or of rows quantized to E4M3 on the way
/// (docs/fp8.md). With offsets it is a grouped layer, with a matrix a group.
/// </summary>
/// <param name="block">Its values.</param>
/// <param name="scratch">Lends memory for codes; it outlives this.</param>
internal sealed class Projection(ParameterBlock block, WarmPool<QuantizedScratch> scratch)
{
    /// <summary>Its values.</summary>
    public ParameterBlock Block => block;

    /// <summary>The values as products of rows take them.</summary>
    public Weight Weight => block.Weight;

    /// <summary>Whether its products take codes.</summary>
    public bool IsQuantized => block.Quantized is not null;

    /// <summary>y = x Wᵀ, or addend + x Wᵀ.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="x">(rows, inputs).</param>
    /// <param name="y">Output (rows, outputs).</param>
    /// <param name="addend">(rows, outputs), or absent; not with offsets.</param>
    /// <param name="kept">Output where products take codes: those of x; absent: they are not kept.</param>
    /// <param name="offsets">Where each group's rows begin; absent: there is one group.</param>
    /// <param name="live">How many rows are there, with offsets; absent: all.</param>
    public void Forward(
        IStream stream, Tensor x, Tensor y, Tensor addend = default, in QuantizedRows kept = default, Tensor offsets = default, Tensor live = default)
    {
        if (block.Quantized is { } weight)
        {
            QuantizedScratch lent = scratch.Rent();
            QuantizedRows codes = kept.Codes.IsAbsent ? lent.Rows(x.Rows, weight.ColumnCuts) : kept;
            stream.QuantizeRows(x, codes, ScaleKind.Float32, live);
            stream.QuantizedLinear(codes, weight, y, offsets, addend);
            scratch.Return(lent);
        }
        else if (offsets.IsAbsent)
        {
            stream.Linear(x, block.Weight, y, addend);
        }
        else
        {
            stream.GroupedLinear(x, offsets, block.Weight, y);
        }
    }

    /// <summary>y = x Wᵀ of rows that are quantized already; where products take codes.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="x">(rows, inputs).</param>
    /// <param name="y">Output (rows, outputs).</param>
    /// <param name="offsets">Where each group's rows begin; absent: there is one group.</param>
    /// <param name="addend">(rows, outputs), or absent; not with offsets.</param>
    public void Forward(IStream stream, in QuantizedRows x, Tensor y, Tensor offsets, Tensor addend = default) =>
        stream.QuantizedLinear(x, block.Quantized!.Value, y, offsets, addend);

    /// <summary>normed = norm(x), y = normed Wᵀ.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="x">(rows, inputs).</param>
    /// <param name="norm">(1, inputs).</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="normed">Output (rows, inputs), and where products take codes those.</param>
    /// <param name="rstd">Output (1, rows), or absent.</param>
    /// <param name="y">Output (rows, outputs).</param>
    public void ForwardNormed(IStream stream, Tensor x, ParameterBlock norm, float epsilon, in ProductRows normed, Tensor rstd, Tensor y)
    {
        if (IsQuantized)
        {
            stream.RmsNorm(x, norm.Values, epsilon, normed.Rows, rstd);
            Forward(stream, normed.Rows, y, default, normed.Codes);
        }
        else
        {
            stream.NormLinear(x, norm.Values, epsilon, normed.Rows, rstd, block.Weight, y);
        }
    }

    /// <summary>What <see cref="ForwardNormed"/> makes of the norm's input, computed again for <see cref="BackwardWeight"/>.</summary>
    /// <inheritdoc cref="ForwardNormed"/>
    public void Renorm(IStream stream, Tensor x, ParameterBlock norm, float epsilon, in ProductRows normed)
    {
        stream.RmsNorm(x, norm.Values, epsilon, normed.Rows, default);
        if (IsQuantized)
        {
            stream.QuantizeRows(normed.Rows, normed.Codes, ScaleKind.Float32);
        }
    }

    /// <summary>dx = dy W, or addend + dy W.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="dy">(rows, outputs).</param>
    /// <param name="dx">Output (rows, inputs).</param>
    /// <param name="addend">(rows, inputs), or absent; may be <paramref name="dx"/>; not with offsets.</param>
    /// <param name="offsets">Where each group's rows begin; absent: there is one group.</param>
    /// <param name="live">How many rows are there, with offsets; absent: all.</param>
    public void BackwardInput(IStream stream, Tensor dy, Tensor dx, Tensor addend = default, Tensor offsets = default, Tensor live = default)
    {
        if (block.Quantized is { } weight)
        {
            QuantizedScratch lent = scratch.Rent();
            QuantizedRows codes = lent.Rows(dy.Rows, weight.RowCuts);
            stream.QuantizeRows(dy, codes, ScaleKind.Float32, live);
            stream.QuantizedLinearBackwardInput(codes, weight, dx, offsets, addend);
            scratch.Return(lent);
        }
        else if (offsets.IsAbsent)
        {
            stream.LinearBackwardInput(dy, block.Weight, dx, addend);
        }
        else
        {
            stream.GroupedLinearBackwardInput(dy, offsets, block.Weight, dx);
        }
    }

    /// <summary>dx = dy W of rows that are quantized already; where products take codes.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="dy">(rows, outputs).</param>
    /// <param name="dx">Output (rows, inputs).</param>
    /// <param name="offsets">Where each group's rows begin; absent: there is one group.</param>
    /// <param name="addend">(rows, inputs), or absent; may be <paramref name="dx"/>; not with offsets.</param>
    public void BackwardInput(IStream stream, in QuantizedRows dy, Tensor dx, Tensor offsets, Tensor addend = default) =>
        stream.QuantizedLinearBackwardInput(dy, block.Quantized!.Value, dx, offsets, addend);

    /// <summary>Adds dyᵀ x to the block's gradient. What has codes is code · scale.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="dy">(rows, outputs).</param>
    /// <param name="x">(rows, inputs).</param>
    /// <param name="gradients">Added to.</param>
    /// <param name="offsets">Where each group's rows begin; absent: there is one group.</param>
    public void BackwardWeight(IStream stream, in ProductRows dy, in ProductRows x, GradientSet gradients, Tensor offsets = default)
    {
        if (!IsQuantized)
        {
            if (offsets.IsAbsent)
            {
                gradients.AddProduct(stream, block, dy.Rows, x.Rows);
            }
            else
            {
                gradients.AddGroupedProduct(stream, block, dy.Rows, x.Rows, offsets);
            }

            return;
        }

        int rows = dy.HasCodes ? dy.Codes.Codes.Rows : dy.Rows.Rows;
        if (rows == 0)
        {
            return;
        }

        QuantizedScratch lent = scratch.Rent();
        Weight weight = block.Weight;
        QuantizedTokens gradientTokens = lent.GradientTokens(rows, weight.Outputs, weight.Groups), inputTokens = lent.InputTokens(rows, weight.Inputs, weight.Groups);
        Quantize(stream, dy, gradientTokens, offsets);
        Quantize(stream, x, inputTokens, offsets);
        gradients.AddQuantizedProduct(stream, block, gradientTokens, inputTokens, offsets);
        scratch.Return(lent);
    }

    private static void Quantize(IStream stream, in ProductRows rows, in QuantizedTokens tokens, Tensor offsets)
    {
        if (rows.HasCodes)
        {
            stream.RequantizeTokens(rows.Codes, tokens, ScaleKind.Float32, offsets);
        }
        else
        {
            stream.QuantizeTokens(rows.Rows, tokens, ScaleKind.Float32, offsets);
        }
    }
}
