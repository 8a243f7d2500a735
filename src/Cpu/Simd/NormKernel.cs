using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Actors.Cpu.Simd;

/// <summary>Rows of RMSNorm and of its gradients.</summary>
internal static unsafe class NormKernel
{
    /// <summary>Normalizes one row; returns 1 / √(mean(x²) + epsilon).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static float Forward(float* x, float* weight, float epsilon, float* y, int columns)
    {
        float rstd = 1 / MathF.Sqrt((Lanes.Dot(x, x, columns) / columns) + epsilon);
        Vector512<float> factor = Vector512.Create(rstd);
        for (int i = 0; i < columns; i += Lanes.Count)
        {
            int left = columns - i;
            Lanes.Store(Lanes.Load(x + i, left) * factor * Lanes.Load(weight + i, left), y + i, left);
        }

        return rstd;
    }

    /// <summary>Gradient of one row's input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Backward(float* dy, float* x, float* weight, float rstd, float* dx, float* addend, int columns)
    {
        Vector512<float> sum = Vector512<float>.Zero;
        for (int i = 0; i < columns; i += Lanes.Count)
        {
            int left = columns - i;
            sum = Vector512.FusedMultiplyAdd(
                Lanes.Load(dy + i, left) * Lanes.Load(weight + i, left), Lanes.Load(x + i, left), sum);
        }

        Vector512<float> factor = Vector512.Create(rstd);
        Vector512<float> mean = Vector512.Create(-rstd * rstd * (Lanes.Sum(sum) / columns));
        for (int i = 0; i < columns; i += Lanes.Count)
        {
            int left = columns - i;
            Vector512<float> d = factor * Vector512.FusedMultiplyAdd(
                Lanes.Load(x + i, left), mean, Lanes.Load(dy + i, left) * Lanes.Load(weight + i, left));
            Lanes.Store(addend is null ? d : Lanes.Load(addend + i, left) + d, dx + i, left);
        }
    }

    /// <summary>dWeight += Σ over rows, in order, of dy · (x · rstd); sixteen columns pass over all rows at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void BackwardWeight(
        float* dy, nint dyStride, float* x, nint xStride, float* rstd, int rows, float* dWeight, int columns)
    {
        for (int i = 0; i < columns; i += Lanes.Count)
        {
            int left = columns - i;
            Vector512<float> sum = Lanes.Load(dWeight + i, left);
            for (int row = 0; row < rows; row++)
            {
                Vector512<float> normalized = Lanes.Load(x + (row * xStride) + i, left) * Vector512.Create(rstd[row]);
                sum = Vector512.FusedMultiplyAdd(Lanes.Load(dy + (row * dyStride) + i, left), normalized, sum);
            }

            Lanes.Store(sum, dWeight + i, left);
        }
    }
}
