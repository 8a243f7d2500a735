using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Actors.Cpu.Simd;

/// <summary>Sums of weighted rows, which is how experts' results are combined: float32 sums, one rounding at the end.</summary>
internal static unsafe class RowSumKernel
{
    /// <summary>y = Σ over k in order of factor[k] · x[rows[k]]; factors 1 where null, a row of −1 adds nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Sum(float* x, nint stride, int* rows, float* factors, int count, float* y, int columns)
    {
        for (int i = 0; i < columns; i += Lanes.Count)
        {
            int left = columns - i;
            Vector512<float> sum = Vector512<float>.Zero;
            for (int k = 0; k < count; k++)
            {
                if (rows[k] >= 0)
                {
                    Vector512<float> factor = Vector512.Create(factors is null ? 1 : factors[k]);
                    sum = Vector512.FusedMultiplyAdd(factor, Lanes.Load(x + (rows[k] * stride) + i, left), sum);
                }
            }

            Lanes.Store(sum, y + i, left);
        }
    }

    /// <summary>The same over bfloat16 rows, summed in float32 and rounded to nearest, ties to even, at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Sum(ushort* x, nint stride, int* rows, float* factors, int count, ushort* y, int columns)
    {
        int i = 0;
        for (; i <= columns - (2 * Lanes.Count); i += 2 * Lanes.Count)
        {
            Vector512<float> low = Vector512<float>.Zero;
            Vector512<float> high = low;
            for (int k = 0; k < count; k++)
            {
                if (rows[k] >= 0)
                {
                    Vector512<float> factor = Vector512.Create(factors is null ? 1 : factors[k]);
                    (Vector512<uint> a, Vector512<uint> b) = Vector512.Widen(Vector512.Load(x + (rows[k] * stride) + i));
                    low = Vector512.FusedMultiplyAdd(factor, (a << 16).AsSingle(), low);
                    high = Vector512.FusedMultiplyAdd(factor, (b << 16).AsSingle(), high);
                }
            }

            Vector512.Narrow(Round(low), Round(high)).Store(y + i);
        }

        for (; i < columns; i++)
        {
            float sum = 0;
            for (int k = 0; k < count; k++)
            {
                if (rows[k] >= 0)
                {
                    float value = BitConverter.UInt32BitsToSingle((uint)x[(rows[k] * stride) + i] << 16);
                    sum = MathF.FusedMultiplyAdd(factors is null ? 1 : factors[k], value, sum);
                }
            }

            y[i] = (ushort)Round(Vector512.CreateScalar(sum))[0];
        }
    }

    /// <summary>Upper halves, rounded to nearest even; a NaN stays one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Round(Vector512<float> value)
    {
        Vector512<uint> bits = value.AsUInt32();
        Vector512<uint> odd = (bits >>> 16) & Vector512<uint>.One;
        Vector512<uint> rounded = (bits + odd + Vector512.Create(0x7FFFu)) >>> 16;
        Vector512<uint> quiet = (bits >>> 16) | Vector512.Create(0x40u);
        return Vector512.ConditionalSelect(Vector512.Equals(value, value).AsUInt32(), rounded, quiet);
    }
}
