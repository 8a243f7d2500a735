using Actors.Tensors;
using Actors.Tensors.Formats;
using Actors.Tensors.Operations.Checks;
using Actors.Tensors.Quantized;

namespace Actors.Cpu.Scalar;

/// <summary>Products of what was quantized, in float32 and in the order of the contract: each element a tile's sum in index order, then the tiles.</summary>
internal sealed partial class ScalarStream
{
    /// <inheritdoc/>
    public void QuantizedLinear(in QuantizedRows x, in QuantizedBlocks weight, Tensor y, Tensor offsets = default, Tensor addend = default)
    {
        ShapeChecks.RoundingHost.QuantizedLinear(x, weight, y, offsets, addend);
        for (int group = 0; group < weight.Groups; group++)
        {
            (int first, int end) = RowsOf(offsets, y.Rows, group);
            for (int row = first; row < end; row++)
            {
                ReadOnlySpan<byte> left = x.Codes.RowSpan<byte>(row);
                ReadOnlySpan<float> leftScales = x.Scales.RowSpan<float>(row);
                for (int output = 0; output < weight.Outputs; output++)
                {
                    ReadOnlySpan<byte> right = weight.Codes.RowSpan<byte>((group * weight.Outputs) + output);
                    ReadOnlySpan<float> rightScales = weight.Scales.RowSpan<float>((group * weight.RowCuts.Count) + weight.RowCuts.TileOf(output));
                    float sum = 0;
                    for (int tile = 0; tile < x.Cuts.Count; tile++)
                    {
                        int start = x.Cuts.Start(tile), size = x.Cuts.Size(tile);
                        sum = Fused(TileSum(left.Slice(start, size), right.Slice(start, size)), leftScales[tile] * rightScales[tile], sum);
                    }

                    Store(y, row, output, sum, addend);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void QuantizedLinearBackwardInput(in QuantizedRows dy, in QuantizedBlocks weight, Tensor dx, Tensor offsets = default, Tensor addend = default)
    {
        ShapeChecks.RoundingHost.QuantizedLinearBackwardInput(dy, weight, dx, offsets, addend);
        var sums = new float[weight.Inputs];
        for (int group = 0; group < weight.Groups; group++)
        {
            (int first, int end) = RowsOf(offsets, dx.Rows, group);
            for (int row = first; row < end; row++)
            {
                Array.Clear(sums);
                for (int tile = 0; tile < dy.Cuts.Count; tile++)
                {
                    AddTileAcross(dy, row, tile, weight, group, sums);
                }

                for (int input = 0; input < sums.Length; input++)
                {
                    Store(dx, row, input, sums[input], addend);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void QuantizedLinearBackwardWeight(
        in QuantizedTokens dy, in QuantizedTokens x, Tensor dWeight, bool accumulate = true, Tensor offsets = default)
    {
        ShapeChecks.RoundingHost.QuantizedLinearBackwardWeight(dy, x, dWeight, offsets);
        for (int row = 0; row < dWeight.Rows; row++)
        {
            int group = row / dy.Columns, output = row % dy.Columns;
            (int place, _, int count) = TokenTile.OfGroup(offsets, dy.Rows, group);
            var cuts = new TileCuts(count);
            for (int input = 0; input < x.Columns; input++)
            {
                float sum = 0;
                for (int tile = place; tile < place + cuts.Count; tile++)
                {
                    int start = tile * TileCuts.TileElements, size = cuts.Size(tile - place);
                    float part = TileSum(dy.Codes.RowSpan<byte>(output).Slice(start, size), x.Codes.RowSpan<byte>(input).Slice(start, size));
                    sum = Fused(part, dy.Scales.RowSpan<float>(tile)[output] * x.Scales.RowSpan<float>(tile)[input], sum);
                }

                Store(dWeight, row, input, sum, accumulate ? dWeight : default);
            }
        }
    }

    /// <summary>Adds what a tile of a gradient's row gives to all inputs.</summary>
    private static void AddTileAcross(in QuantizedRows dy, int row, int tile, in QuantizedBlocks weight, int group, Span<float> sums)
    {
        var parts = new float[sums.Length];
        for (int output = dy.Cuts.Start(tile); output < dy.Cuts.Start(tile) + dy.Cuts.Size(tile); output++)
        {
            float gradient = E4M3.ToSingle(dy.Codes.RowSpan<byte>(row)[output]);
            ReadOnlySpan<byte> codes = weight.Codes.RowSpan<byte>((group * weight.Outputs) + output);
            for (int input = 0; input < parts.Length; input++)
            {
                parts[input] = Fused(gradient, E4M3.ToSingle(codes[input]), parts[input]);
            }
        }

        float scale = dy.Scales.RowSpan<float>(row)[tile];
        ReadOnlySpan<float> scales = weight.Scales.RowSpan<float>((group * weight.RowCuts.Count) + tile);
        for (int input = 0; input < parts.Length; input++)
        {
            sums[input] = Fused(parts[input], scale * scales[weight.ColumnCuts.TileOf(input)], sums[input]);
        }
    }

    private static float Fused(float left, float right, float sum) => MathF.FusedMultiplyAdd(left, right, sum);

    private static float TileSum(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        float sum = 0;
        for (int i = 0; i < left.Length; i++)
        {
            sum = Fused(E4M3.ToSingle(left[i]), E4M3.ToSingle(right[i]), sum);
        }

        return sum;
    }

    private static (int First, int End) RowsOf(Tensor offsets, int rows, int group)
    {
        (_, int first, int count) = TokenTile.OfGroup(offsets, rows, group);
        return (first, first + count);
    }

    private static void Store(Tensor result, int row, int column, float sum, Tensor addend) =>
        result.SetElement(row, column, addend.IsAbsent ? sum : addend.Element(row, column) + sum);
}
