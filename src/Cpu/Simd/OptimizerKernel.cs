using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Actors.Tensors.Formats;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Simd;

/// <summary>Passes over all parameters of a model: bound by memory, so each reads and writes everything once.</summary>
internal static unsafe class OptimizerKernel
{
    /// <summary>Moments of bfloat16 that are widened at a time: both stay in the first-level cache.</summary>
    private const int MomentBlock = 1024;

    /// <summary>
    /// Σ x² in float64: 32 lanes, element i in lane i mod 32, then the lanes by halves.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static double SumOfSquares(float* x, long count)
    {
        Vector512<double> s0 = Vector512<double>.Zero, s1 = s0, s2 = s0, s3 = s0;
        long i = 0;
        for (; i <= count - (2 * Lanes.Count); i += 2 * Lanes.Count)
        {
            Square(Vector512.Load(x + i), ref s0, ref s1);
            Square(Vector512.Load(x + i + Lanes.Count), ref s2, ref s3);
        }

        if (i < count)
        {
            int left = (int)(count - i);
            Square(Lanes.Load(x + i, left), ref s0, ref s1);
            if (left > Lanes.Count)
            {
                Square(Lanes.Load(x + i + Lanes.Count, left - Lanes.Count), ref s2, ref s3);
            }
        }

        return Vector512.Sum((s0 + s2) + (s1 + s3));
    }

    /// <summary>
    /// One AdamW step in PyTorch's order of operations, but for one: √v is multiplied by the inverse of its correction, since a
    /// vector's division takes about as long as reading its operands from memory.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void AdamW(float* values, float* gradient, float* first, float* second, long count, in AdamWStep step)
    {
        double correction1 = 1 - Math.Pow(step.Beta1, step.Step);
        double correction2 = 1 - Math.Pow(step.Beta2, step.Step);
        Vector512<float> scale = Vector512.Create(step.GradientScale);
        Vector512<float> decay = Vector512.Create((float)(1 - ((double)step.LearningRate * step.WeightDecay)));
        Vector512<float> rate1 = Vector512.Create((float)(1 - (double)step.Beta1));
        Vector512<float> beta2 = Vector512.Create(step.Beta2);
        Vector512<float> rate2 = Vector512.Create((float)(1 - (double)step.Beta2));
        Vector512<float> unbias2 = Vector512.Create((float)(1 / Math.Sqrt(correction2)));
        Vector512<float> epsilon = Vector512.Create(step.Epsilon);
        Vector512<float> size = Vector512.Create((float)(-step.LearningRate / correction1));
        for (long i = 0; i < count; i += Lanes.Count)
        {
            int left = (int)Math.Min(count - i, Lanes.Count);
            Vector512<float> g = Lanes.Load(gradient + i, left) * scale;
            Vector512<float> value = Lanes.Load(values + i, left) * decay;
            Vector512<float> m = Lanes.Load(first + i, left);
            m += rate1 * (g - m);
            Vector512<float> v = Lanes.Load(second + i, left) * beta2;
            v += rate2 * g * g;
            value += size * m / ((Vector512.Sqrt(v) * unbias2) + epsilon);
            Lanes.Store(value, values + i, left);
            Lanes.Store(m, first + i, left);
            Lanes.Store(v, second + i, left);
        }
    }

    /// <summary>The same with moments of bfloat16, widened and rounded a block at a time.</summary>
    public static void AdamW(float* values, float* gradient, ushort* first, ushort* second, long count, in AdamWStep step)
    {
        Span<float> m = stackalloc float[MomentBlock], v = stackalloc float[MomentBlock];
        for (long i = 0; i < count; i += MomentBlock)
        {
            int left = (int)Math.Min(count - i, MomentBlock);
            Span<ushort> firstCodes = new(first + i, left), secondCodes = new(second + i, left);
            BFloat16.ToSingle(firstCodes, m);
            BFloat16.ToSingle(secondCodes, v);
            fixed (float* ms = m, vs = v)
            {
                AdamW(values + i, gradient + i, ms, vs, left, step);
            }

            BFloat16.FromSingle(m[..left], firstCodes);
            BFloat16.FromSingle(v[..left], secondCodes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Square(Vector512<float> x, ref Vector512<double> low, ref Vector512<double> high)
    {
        (Vector512<double> a, Vector512<double> b) = Vector512.Widen(x);
        low = Vector512.FusedMultiplyAdd(a, a, low);
        high = Vector512.FusedMultiplyAdd(b, b, high);
    }
}
