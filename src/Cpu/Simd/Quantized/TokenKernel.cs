using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Actors.Tensors.Formats;
using Actors.Tensors.Quantized;

namespace Actors.Cpu.Simd.Quantized;

/// <summary>Quantizes transposed rows.</summary>
internal static unsafe class TokenKernel
{
    /// <summary>Floats of scratch memory that <see cref="Run"/> needs.</summary>
    public const int ScratchFloats = TileCuts.TileElements * Lanes.Count;

    /// <summary>One tile of rows, sixteen columns at a time: a lane is a column.</summary>
    /// <param name="rows">What is transposed.</param>
    /// <param name="tile">Which rows.</param>
    /// <param name="y">Output.</param>
    /// <param name="kind">Which scales.</param>
    /// <param name="scratch"><see cref="ScratchFloats"/> floats.</param>
    [SkipLocalsInit]
    public static void Run(in FloatRows rows, TokenTile tile, in QuantizedTokens y, ScaleKind kind, float* scratch)
    {
        float* divisors = stackalloc float[Lanes.Count];
        byte* row = stackalloc byte[Lanes.Count];
        float* scales = (float*)y.Scales.Pointer + ((long)tile.Place * y.Scales.RowStride);
        for (int column = 0; column < y.Columns; column += Lanes.Count)
        {
            int width = Math.Min(Lanes.Count, y.Columns - column);
            Vector512<uint> largest = Vector512<uint>.Zero;
            for (int token = 0; token < tile.Count; token++)
            {
                float* values = scratch + (token * Lanes.Count);
                rows.Read(tile.FirstRow + token, column, width, values);
                largest = Vector512.Max(largest, Vector512.Abs(Lanes.Load(values, width)).AsUInt32());
            }

            for (int i = 0; i < width; i++)
            {
                divisors[i] = TileScale.OfE4M3(BitConverter.UInt32BitsToSingle(largest[i]), kind);
                scales[column + i] = divisors[i];
            }

            byte* codes = (byte*)y.Codes.Pointer + ((long)column * y.Codes.RowStride) + ((long)tile.Place * TileCuts.TileElements);
            Vector512<float> divisor = Lanes.Load(divisors, width);
            for (int token = 0; token < tile.Count; token++)
            {
                E4M3Lanes.Code(Lanes.Load(scratch + (token * Lanes.Count), width) / divisor).Store(row);
                for (int i = 0; i < width; i++)
                {
                    codes[((long)i * y.Codes.RowStride) + token] = float.IsNaN(divisors[i]) ? E4M3Lanes.NotANumber : row[i];
                }
            }

            for (int i = 0; i < width; i++)
            {
                new Span<byte>(codes + ((long)i * y.Codes.RowStride) + tile.Count, TileCuts.TileElements - tile.Count).Clear();
            }
        }
    }
}
