using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Actors.Cpu.Simd;

/// <summary>Rows of RMSNorm and of its gradients.</summary>
internal static unsafe class NormKernel
{
    /// <summary>Normalizes one row; returns 1 / √(mean(x²) + epsilon), NaN where the sum of squares overflows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static float Forward(float* x, float* weight, float epsilon, float* y, int columns)
    {
        float square = (Lanes.Dot(x, x, columns) / columns) + epsilon;
        float rstd = float.IsPositiveInfinity(square) ? float.NaN : 1 / MathF.Sqrt(square);
        Vector512<float> factor = Vector512.Create(rstd);
        for (int i = 0; i < columns; i += Lanes.Count)
        {
            int left = columns - i;
            Lanes.Store(Lanes.Load(x + i, left) * factor * Lanes.Load(weight + i, left), y + i, left);
        }

        return rstd;
    }

    /// <summary>Gradient of one row's input, and what the row adds to the weight's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Backward(float* dy, float* x, float* weight, float rstd, float* dx, float* dWeight, float* addend, int columns)
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
            // The weight's first: dx may be dy.
            int left = columns - i;
            Vector512<float> input = Lanes.Load(x + i, left);
            Vector512<float> given = Lanes.Load(dy + i, left);
            Lanes.Store(Vector512.FusedMultiplyAdd(given, input * factor, Lanes.Load(dWeight + i, left)), dWeight + i, left);
            Vector512<float> d = factor * Vector512.FusedMultiplyAdd(input, mean, given * Lanes.Load(weight + i, left));
            Lanes.Store(addend is null ? d : Lanes.Load(addend + i, left) + d, dx + i, left);
        }
    }
}
