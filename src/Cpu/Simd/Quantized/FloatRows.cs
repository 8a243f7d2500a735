using Actors.Tensors;
using Actors.Tensors.Formats;
using Actors.Tensors.Quantized;

namespace Actors.Cpu.Simd.Quantized;

/// <summary>Rows that are read as float32, however they are stored.</summary>
internal readonly unsafe struct FloatRows
{
    private readonly Tensor _rows;
    private readonly QuantizedRows _quantized;

    /// <summary>Rows of float32 or bfloat16.</summary>
    public FloatRows(Tensor rows) => _rows = rows;

    /// <summary>Rows of E4M3.</summary>
    public FloatRows(in QuantizedRows rows) => (_rows, _quantized) = (rows.Codes, rows);

    /// <summary>Reads a part of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="start">Its first element.</param>
    /// <param name="count">Elements.</param>
    /// <param name="values">Where to.</param>
    public void Read(int row, int start, int count, float* values)
    {
        long at = ((long)row * _rows.RowStride) + start;
        switch (_rows.Type)
        {
            case ElementType.Float32:
                Lanes.Copy((float*)_rows.Pointer + at, values, count, count);
                break;
            case ElementType.BFloat16:
                BFloat16.ToSingle(new ReadOnlySpan<ushort>((ushort*)_rows.Pointer + at, count), new Span<float>(values, count));
                break;
            default:
                Dequantize((byte*)_rows.Pointer + at, row, start, count, values);
                break;
        }
    }

    private void Dequantize(byte* codes, int row, int start, int count, float* values)
    {
        float* scales = (float*)_quantized.Scales.Pointer + ((long)row * _quantized.Scales.RowStride);
        TileCuts cuts = _quantized.Cuts;
        for (int i = 0; i < count;)
        {
            int tile = cuts.TileOf(start + i);
            int part = Math.Min(count - i, cuts.Start(tile) + cuts.Size(tile) - start - i);
            E4M3Lanes.Decode(codes + i, part, scales[tile], values + i);
            i += part;
        }
    }
}
