using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Actors.Cpu.Simd.Attention;

/// <summary>Dot products of a few rows with many: reads each of the many once for four of the few.</summary>
internal static unsafe class RowDots
{
    /// <summary>Rows of the many that stay in a cache while all of the few pass by.</summary>
    private const int ManyHeld = 16;

    /// <summary>result[i, j] = few[i] · many[j]; sixteen interleaved sums, then halves.</summary>
    public static void Run(
        float* few, nint fewStride, int fewRows, float* many, nint manyStride, int manyRows, int columns, float* result, nint resultStride)
    {
        for (int j = 0; j < manyRows; j += ManyHeld)
        {
            int held = Math.Min(ManyHeld, manyRows - j);
            float* rows = many + j * manyStride;
            int i = 0;
            for (; i + 4 <= fewRows; i += 4)
            {
                Four(few + i * fewStride, fewStride, rows, manyStride, held, columns, result + i * resultStride + j, resultStride);
            }

            for (; i < fewRows; i++)
            {
                One(few + i * fewStride, rows, manyStride, held, columns, result + i * resultStride + j);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Four(
        float* few, nint fewStride, float* many, nint manyStride, int manyRows, int columns, float* result, nint resultStride)
    {
        float* f1 = few + fewStride;
        float* f2 = f1 + fewStride;
        float* f3 = f2 + fewStride;
        for (int j = 0; j < manyRows; j++)
        {
            float* row = many + j * manyStride;
            Vector512<float> s0 = Vector512<float>.Zero, s1 = s0, s2 = s0, s3 = s0;
            for (int c = 0; c < columns; c += Lanes.Count)
            {
                int left = columns - c;
                Vector512<float> x = Lanes.Load(row + c, left);
                s0 = Vector512.FusedMultiplyAdd(x, Lanes.Load(few + c, left), s0);
                s1 = Vector512.FusedMultiplyAdd(x, Lanes.Load(f1 + c, left), s1);
                s2 = Vector512.FusedMultiplyAdd(x, Lanes.Load(f2 + c, left), s2);
                s3 = Vector512.FusedMultiplyAdd(x, Lanes.Load(f3 + c, left), s3);
            }

            result[j] = Lanes.Sum(s0);
            result[j + resultStride] = Lanes.Sum(s1);
            result[j + 2 * resultStride] = Lanes.Sum(s2);
            result[j + 3 * resultStride] = Lanes.Sum(s3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void One(float* few, float* many, nint manyStride, int manyRows, int columns, float* result)
    {
        int j = 0;
        for (; j + 4 <= manyRows; j += 4)
        {
            float* r0 = many + j * manyStride;
            float* r1 = r0 + manyStride;
            float* r2 = r1 + manyStride;
            float* r3 = r2 + manyStride;
            Vector512<float> s0 = Vector512<float>.Zero, s1 = s0, s2 = s0, s3 = s0;
            for (int c = 0; c < columns; c += Lanes.Count)
            {
                int left = columns - c;
                Vector512<float> x = Lanes.Load(few + c, left);
                s0 = Vector512.FusedMultiplyAdd(x, Lanes.Load(r0 + c, left), s0);
                s1 = Vector512.FusedMultiplyAdd(x, Lanes.Load(r1 + c, left), s1);
                s2 = Vector512.FusedMultiplyAdd(x, Lanes.Load(r2 + c, left), s2);
                s3 = Vector512.FusedMultiplyAdd(x, Lanes.Load(r3 + c, left), s3);
            }

            result[j] = Lanes.Sum(s0);
            result[j + 1] = Lanes.Sum(s1);
            result[j + 2] = Lanes.Sum(s2);
            result[j + 3] = Lanes.Sum(s3);
        }

        for (; j < manyRows; j++)
        {
            float* row = many + j * manyStride;
            Vector512<float> sum = Vector512<float>.Zero;
            for (int c = 0; c < columns; c += Lanes.Count)
            {
                sum = Vector512.FusedMultiplyAdd(Lanes.Load(few + c, columns - c), Lanes.Load(row + c, columns - c), sum);
            }

            result[j] = Lanes.Sum(sum);
        }
    }
}
