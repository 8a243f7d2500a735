using Actors.Cpu.Simd.Quantized;
using Actors.Tensors;
using Actors.Tensors.Operations.Checks;
using Actors.Tensors.Quantized;

namespace Actors.Cpu.Simd;

/// <summary>Products of what was quantized.</summary>
internal sealed unsafe partial class SimdStream
{
    /// <inheritdoc/>
    public void QuantizedLinear(in QuantizedRows x, in QuantizedBlocks weight, Tensor y, Tensor offsets = default, Tensor addend = default)
    {
        ShapeChecks.RoundingHost.QuantizedLinear(x, weight, y, offsets, addend);
        for (int group = 0; group < weight.Groups; group++)
        {
            ScaledProduct product = OfRows(x, weight, group);
            product.Columns = weight.RowCuts;
            product.RightColumnTileScale = weight.Scales.RowStride;
            product.RightTileScale = 1;
            (_, int first, int count) = TokenTile.OfGroup(offsets, y.Rows, group);
            Store(product, first, count, y, addend);
        }
    }

    /// <inheritdoc/>
    public void QuantizedLinearBackwardInput(in QuantizedRows dy, in QuantizedBlocks weight, Tensor dx, Tensor offsets = default, Tensor addend = default)
    {
        ShapeChecks.RoundingHost.QuantizedLinearBackwardInput(dy, weight, dx, offsets, addend);
        for (int group = 0; group < weight.Groups; group++)
        {
            ScaledProduct product = OfRows(dy, weight, group);
            product.RightIsAcross = true;
            product.Columns = weight.ColumnCuts;
            product.RightColumnTileScale = 1;
            product.RightTileScale = weight.Scales.RowStride;
            (_, int first, int count) = TokenTile.OfGroup(offsets, dx.Rows, group);
            Store(product, first, count, dx, addend);
        }
    }

    /// <inheritdoc/>
    public void QuantizedLinearBackwardWeight(
        in QuantizedTokens dy, in QuantizedTokens x, Tensor dWeight, bool accumulate = true, Tensor offsets = default)
    {
        ShapeChecks.RoundingHost.QuantizedLinearBackwardWeight(dy, x, dWeight, offsets);
        int groups = offsets.IsAbsent ? 1 : offsets.Columns - 1;
        for (int group = 0; group < groups; group++)
        {
            (int place, _, int count) = TokenTile.OfGroup(offsets, dy.Rows, group);
            int start = place * TileCuts.TileElements;
            var product = new ScaledProduct
            {
                Left = Codes(dy.Codes, 0) + start,
                LeftStride = dy.Codes.RowStride,
                LeftScales = Floats(dy.Scales) + ((long)place * dy.Scales.RowStride),
                LeftRowScale = 1,
                LeftTileScale = dy.Scales.RowStride,
                Right = Codes(x.Codes, 0) + start,
                RightStride = x.Codes.RowStride,
                RightScales = Floats(x.Scales) + ((long)place * x.Scales.RowStride),
                RightColumnScale = 1,
                RightTileScale = x.Scales.RowStride,
                Depth = new TileCuts(count),
                Columns = new TileCuts(x.Columns),
            };
            Tensor result = dWeight.RowRange(group * dy.Columns, dy.Columns);
            Store(product, 0, dy.Columns, result, accumulate ? result : default);
        }
    }

    /// <summary>What both products of rows with a group's matrix have in common.</summary>
    private static ScaledProduct OfRows(in QuantizedRows rows, in QuantizedBlocks weight, int group) => new()
    {
        Left = Codes(rows.Codes, 0),
        LeftStride = rows.Codes.RowStride,
        LeftScales = Floats(rows.Scales),
        LeftRowScale = rows.Scales.RowStride,
        LeftTileScale = 1,
        Right = Codes(weight.Codes, (long)group * weight.Outputs),
        RightStride = weight.Codes.RowStride,
        RightScales = Floats(weight.Scales) + ((long)group * weight.RowCuts.Count * weight.Scales.RowStride),
        Depth = rows.Cuts,
    };

    /// <summary>Some rows of a product.</summary>
    private void Store(in ScaledProduct product, int first, int count, Tensor result, Tensor addend)
    {
        float* sums = Reserve(ScaledProduct.ScratchFloats);
        for (int tile = 0; tile < product.Columns.Count; tile++)
        {
            for (int row = first; row < first + count; row += ScaledProduct.RowBlock)
            {
                int rows = Math.Min(ScaledProduct.RowBlock, first + count - row);
                product.Sum(tile, row, rows, sums);
                for (int i = 0; i < rows; i++)
                {
                    Write(result, row + i, product.Columns.Start(tile), sums + (i * ScaledProduct.SumStride), product.Columns.Size(tile), addend);
                }
            }
        }
    }
}
