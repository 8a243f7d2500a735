using Actors.Tensors;
using Actors.Tensors.Formats;
using Actors.Tensors.Operations;
using Actors.Tensors.Operations.Checks;
using Actors.Tensors.Quantized;

namespace Actors.Cpu.Scalar;

/// <summary>Quantization, as its definition says.</summary>
internal sealed partial class ScalarStream
{
    /// <summary>The code of a tile that holds a value that is not finite.</summary>
    private const byte NotANumber = 0x7F;

    /// <inheritdoc/>
    public void QuantizeRows(Tensor x, in QuantizedRows y, ScaleKind kind, Tensor live = default)
    {
        ShapeChecks.RoundingHost.QuantizeRows(x, y, live);
        for (int row = 0; row < LiveRows.OnHost(live, x.Rows); row++)
        {
            for (int tile = 0; tile < y.Cuts.Count; tile++)
            {
                int start = y.Cuts.Start(tile), end = start + y.Cuts.Size(tile);
                float magnitude = 0;
                for (int column = start; column < end; column++)
                {
                    magnitude = TileScale.Larger(magnitude, x.Element(row, column));
                }

                float scale = TileScale.OfE4M3(magnitude, kind);
                y.Scales.RowSpan<float>(row)[tile] = scale;
                for (int column = start; column < end; column++)
                {
                    y.Codes.RowSpan<byte>(row)[column] = Code(x.Element(row, column), scale);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void DequantizeRows(in QuantizedRows x, Tensor y, Tensor live = default)
    {
        ShapeChecks.RoundingHost.DequantizeRows(x, y, live);
        for (int row = 0; row < LiveRows.OnHost(live, y.Rows); row++)
        {
            for (int column = 0; column < y.Columns; column++)
            {
                y.SetElement(row, column, Value(x, row, column));
            }
        }
    }

    /// <inheritdoc/>
    public void QuantizeBlocks(Tensor weight, in QuantizedBlocks y, ScaleKind kind)
    {
        ShapeChecks.RoundingHost.QuantizeBlocks(weight, y);
        for (int group = 0; group < y.Groups; group++)
        {
            for (int tile = 0; tile < y.RowCuts.Count; tile++)
            {
                int first = (group * y.Outputs) + y.RowCuts.Start(tile);
                Tensor scales = y.Scales.RowRange((group * y.RowCuts.Count) + tile, 1);
                QuantizeBlockRow(weight.RowRange(first, y.RowCuts.Size(tile)), y.Codes.RowRange(first, y.RowCuts.Size(tile)), scales, kind);
            }
        }

        BlockTransposition.Run(y);
    }

    /// <inheritdoc/>
    public void QuantizeTokens(Tensor x, in QuantizedTokens y, ScaleKind kind, Tensor offsets = default)
    {
        ShapeChecks.RoundingHost.QuantizeTokens(x, y, offsets);
        TransposeGroups((row, column) => x.Element(row, column), y, kind, offsets);
    }

    /// <inheritdoc/>
    public void RequantizeTokens(in QuantizedRows x, in QuantizedTokens y, ScaleKind kind, Tensor offsets = default)
    {
        ShapeChecks.RoundingHost.RequantizeTokens(x, y, offsets);
        QuantizedRows rows = x;
        TransposeGroups((row, column) => Value(rows, row, column), y, kind, offsets);
    }

    /// <inheritdoc/>
    public void PackRows(Tensor x, in PackedE5M6 y, Tensor live = default)
    {
        ShapeChecks.RoundingHost.PackRows("PackRows", x, y, live);
        for (int row = 0; row < LiveRows.OnHost(live, x.Rows); row++)
        {
            y.Words.RowSpan<int>(row).Clear();
            for (int start = 0; start < y.Columns; start += TileCuts.TileElements)
            {
                int end = Math.Min(start + TileCuts.TileElements, y.Columns);
                float magnitude = 0;
                for (int column = start; column < end; column++)
                {
                    magnitude = TileScale.Larger(magnitude, x.Element(row, column));
                }

                float scale = TileScale.OfE5M6(magnitude);
                y.Scales.RowSpan<float>(row)[start / TileCuts.TileElements] = scale;
                for (int column = start; column < end; column++)
                {
                    PackedBits.Put(y.Words.RowSpan<int>(row), column, PackedBits.Code(x.Element(row, column), scale));
                }
            }
        }
    }

    /// <inheritdoc/>
    public void UnpackRows(in PackedE5M6 x, Tensor y, Tensor live = default)
    {
        ShapeChecks.RoundingHost.PackRows("UnpackRows", y, x, live);
        for (int row = 0; row < LiveRows.OnHost(live, y.Rows); row++)
        {
            for (int column = 0; column < y.Columns; column++)
            {
                float scale = x.Scales.RowSpan<float>(row)[column / TileCuts.TileElements];
                y.SetElement(row, column, E5M6.ToSingle(PackedBits.Get(x.Words.RowSpan<int>(row), column)) * scale);
            }
        }
    }

    private static byte Code(float value, float scale) => float.IsNaN(scale) ? NotANumber : E4M3.FromSingleSaturating(value / scale);

    private static float Value(in QuantizedRows rows, int row, int column) =>
        E4M3.ToSingle(rows.Codes.RowSpan<byte>(row)[column]) * rows.Scales.RowSpan<float>(row)[rows.Cuts.TileOf(column)];

    /// <summary>The blocks of rows that share them.</summary>
    private static void QuantizeBlockRow(Tensor weight, Tensor codes, Tensor scales, ScaleKind kind)
    {
        for (int start = 0; start < weight.Columns; start += TileCuts.TileElements)
        {
            int end = Math.Min(start + TileCuts.TileElements, weight.Columns);
            float magnitude = 0;
            for (int row = 0; row < weight.Rows; row++)
            {
                for (int column = start; column < end; column++)
                {
                    magnitude = TileScale.Larger(magnitude, weight.Element(row, column));
                }
            }

            float scale = TileScale.OfE4M3(magnitude, kind);
            scales.RowSpan<float>(0)[start / TileCuts.TileElements] = scale;
            for (int row = 0; row < weight.Rows; row++)
            {
                for (int column = start; column < end; column++)
                {
                    codes.RowSpan<byte>(row)[column] = Code(weight.Element(row, column), scale);
                }
            }
        }
    }

    private static void TransposeGroups(Func<int, int, float> value, in QuantizedTokens y, ScaleKind kind, Tensor offsets)
    {
        foreach (TokenTile tile in TokenTile.All(offsets, y.Rows))
        {
            for (int column = 0; column < y.Columns; column++)
            {
                float magnitude = 0;
                for (int token = 0; token < tile.Count; token++)
                {
                    magnitude = TileScale.Larger(magnitude, value(tile.FirstRow + token, column));
                }

                float scale = TileScale.OfE4M3(magnitude, kind);
                y.Scales.RowSpan<float>(tile.Place)[column] = scale;
                Span<byte> codes = y.Codes.RowSpan<byte>(column).Slice(tile.Place * TileCuts.TileElements, TileCuts.TileElements);
                codes.Clear();
                for (int token = 0; token < tile.Count; token++)
                {
                    codes[token] = Code(value(tile.FirstRow + token, column), scale);
                }
            }
        }
    }
}
