using System.Runtime.CompilerServices;
using Actors.Cpu.Simd.Quantized;
using Actors.Tensors;
using Actors.Tensors.Formats;
using Actors.Tensors.Operations;
using Actors.Tensors.Operations.Checks;
using Actors.Tensors.Quantized;

namespace Actors.Cpu.Simd;

/// <summary>Quantization.</summary>
internal sealed unsafe partial class SimdStream
{
    /// <inheritdoc/>
    [SkipLocalsInit]
    public void QuantizeRows(Tensor x, in QuantizedRows y, ScaleKind kind, Tensor live = default)
    {
        ShapeChecks.RoundingHost.QuantizeRows(x, y, live);
        var rows = new FloatRows(x);
        float* values = stackalloc float[TileCuts.TileElements];
        for (int row = 0, end = LiveRows.OnHost(live, x.Rows); row < end; row++)
        {
            byte* codes = Codes(y.Codes, row);
            float* scales = Floats(y.Scales) + ((long)row * y.Scales.RowStride);
            for (int tile = 0; tile < y.Cuts.Count; tile++)
            {
                int start = y.Cuts.Start(tile), size = y.Cuts.Size(tile);
                rows.Read(row, start, size, values);
                scales[tile] = TileScale.OfE4M3(E4M3Lanes.Magnitude(values, size), kind);
                E4M3Lanes.Encode(values, size, scales[tile], codes + start);
            }
        }
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public void DequantizeRows(in QuantizedRows x, Tensor y, Tensor live = default)
    {
        ShapeChecks.RoundingHost.DequantizeRows(x, y, live);
        var rows = new FloatRows(x);
        float* values = stackalloc float[TileCuts.TileElements];
        for (int row = 0, end = LiveRows.OnHost(live, y.Rows); row < end; row++)
        {
            for (int start = 0; start < y.Columns; start += TileCuts.TileElements)
            {
                int size = Math.Min(TileCuts.TileElements, y.Columns - start);
                rows.Read(row, start, size, values);
                Write(y, row, start, values, size, addend: default);
            }
        }
    }

    /// <inheritdoc/>
    public void QuantizeBlocks(Tensor weight, in QuantizedBlocks y, ScaleKind kind)
    {
        ShapeChecks.RoundingHost.QuantizeBlocks(weight, y);
        var rows = new FloatRows(weight);
        float* values = Reserve(TileCuts.TileElements * TileCuts.TileElements);
        TileCuts columns = y.ColumnCuts;
        for (int block = 0; block < y.Groups * y.RowCuts.Count; block++)
        {
            int tile = block % y.RowCuts.Count, first = (block / y.RowCuts.Count * y.Outputs) + y.RowCuts.Start(tile), height = y.RowCuts.Size(tile);
            float* scales = Floats(y.Scales) + ((long)block * y.Scales.RowStride);
            for (int column = 0; column < columns.Count; column++)
            {
                int start = columns.Start(column), width = columns.Size(column);
                float magnitude = 0;
                for (int row = 0; row < height; row++)
                {
                    float* part = values + (row * TileCuts.TileElements);
                    rows.Read(first + row, start, width, part);
                    magnitude = TileScale.Larger(magnitude, E4M3Lanes.Magnitude(part, width));
                }

                scales[column] = TileScale.OfE4M3(magnitude, kind);
                for (int row = 0; row < height; row++)
                {
                    E4M3Lanes.Encode(values + (row * TileCuts.TileElements), width, scales[column], Codes(y.Codes, first + row) + start);
                }
            }
        }

        BlockTransposition.Run(y);
    }

    /// <inheritdoc/>
    public void QuantizeTokens(Tensor x, in QuantizedTokens y, ScaleKind kind, Tensor offsets = default)
    {
        ShapeChecks.RoundingHost.QuantizeTokens(x, y, offsets);
        TransposeGroups(new FloatRows(x), y, kind, offsets);
    }

    /// <inheritdoc/>
    public void RequantizeTokens(in QuantizedRows x, in QuantizedTokens y, ScaleKind kind, Tensor offsets = default)
    {
        ShapeChecks.RoundingHost.RequantizeTokens(x, y, offsets);
        TransposeGroups(new FloatRows(x), y, kind, offsets);
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public void PackRows(Tensor x, in PackedE5M6 y, Tensor live = default)
    {
        ShapeChecks.RoundingHost.PackRows("PackRows", x, y, live);
        var rows = new FloatRows(x);
        float* values = stackalloc float[TileCuts.TileElements];
        for (int row = 0, end = LiveRows.OnHost(live, x.Rows); row < end; row++)
        {
            uint* words = (uint*)Ints(y.Words) + ((long)row * y.Words.RowStride);
            float* scales = Floats(y.Scales) + ((long)row * y.Scales.RowStride);
            for (int start = 0; start < y.Columns; start += TileCuts.TileElements)
            {
                int size = Math.Min(TileCuts.TileElements, y.Columns - start);
                rows.Read(row, start, size, values);
                float scale = TileScale.OfE5M6(E4M3Lanes.Magnitude(values, size));
                *scales++ = scale;
                for (int i = 0; i < size; i += PackedE5M6.PackValues, words += PackedE5M6.PackWords)
                {
                    E5M6Packs.Pack(values + i, Math.Min(PackedE5M6.PackValues, size - i), scale, words);
                }
            }
        }
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public void UnpackRows(in PackedE5M6 x, Tensor y, Tensor live = default)
    {
        ShapeChecks.RoundingHost.PackRows("UnpackRows", y, x, live);
        float* values = stackalloc float[TileCuts.TileElements];
        for (int row = 0, end = LiveRows.OnHost(live, y.Rows); row < end; row++)
        {
            uint* words = (uint*)Ints(x.Words) + ((long)row * x.Words.RowStride);
            float* scales = Floats(x.Scales) + ((long)row * x.Scales.RowStride);
            for (int start = 0; start < x.Columns; start += TileCuts.TileElements)
            {
                int size = Math.Min(TileCuts.TileElements, x.Columns - start);
                float scale = *scales++;
                for (int i = 0; i < size; i += PackedE5M6.PackValues, words += PackedE5M6.PackWords)
                {
                    E5M6Packs.Unpack(words, scale, values + i);
                }

                Write(y, row, start, values, size, addend: default);
            }
        }
    }

    private static byte* Codes(Tensor codes, long row) => (byte*)codes.Pointer + (row * codes.RowStride);

    private void TransposeGroups(in FloatRows rows, in QuantizedTokens y, ScaleKind kind, Tensor offsets)
    {
        float* scratch = Reserve(TokenKernel.ScratchFloats);
        int groups = offsets.IsAbsent ? 1 : offsets.Columns - 1;
        for (int group = 0; group < groups; group++)
        {
            (int place, int first, int count) = TokenTile.OfGroup(offsets, y.Rows, group);
            var cuts = new TileCuts(count);
            for (int tile = 0; tile < cuts.Count; tile++)
            {
                TokenKernel.Run(rows, new TokenTile(place + tile, first + cuts.Start(tile), cuts.Size(tile)), y, kind, scratch);
            }
        }
    }

    /// <summary>Stores a part of a row of float32 or bfloat16, with what is added to it.</summary>
    private static void Write(Tensor y, int row, int start, float* values, int count, Tensor addend)
    {
        long at = ((long)row * y.RowStride) + start, from = ((long)row * addend.RowStride) + start;
        if (y.Type == ElementType.Float32)
        {
            if (!addend.IsAbsent)
            {
                Lanes.Add(Floats(addend) + from, values, count);
            }

            Lanes.Copy(values, Floats(y) + at, count, count);
            return;
        }

        for (int i = 0; i < count && !addend.IsAbsent; i++)
        {
            values[i] = BFloat16.ToSingle(((ushort*)addend.Pointer)[from + i]) + values[i];
        }

        BFloat16.FromSingle(new ReadOnlySpan<float>(values, count), new Span<ushort>((ushort*)y.Pointer + at, count));
    }
}
