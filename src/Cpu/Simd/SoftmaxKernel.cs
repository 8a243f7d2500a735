using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Actors.Cpu.Simd;

/// <summary>Rows of softmax. The order of a sum depends on the row's length alone.</summary>
internal static unsafe class SoftmaxKernel
{
    /// <summary>
    /// Replaces scores by e^(scale · (score − largest)) for the first <paramref name="count"/> (1 or more) and by 0 up to
    /// <paramref name="end"/>; the row holds whole blocks of sixteen beyond <paramref name="end"/>.
    /// </summary>
    /// <param name="scores">The row.</param>
    /// <param name="count">Scores that take part.</param>
    /// <param name="end">Where the row ends for the reader.</param>
    /// <param name="scale">Factor of a score, positive.</param>
    /// <param name="largest">The largest scaled score.</param>
    /// <returns>The sum of the results.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static float Exponentials(float* scores, int count, int end, float scale, out float largest)
    {
        Vector512<float> lowest = Vector512.Create(float.NegativeInfinity);
        Vector512<float> max = lowest;
        int i = 0;
        for (; i <= count - Lanes.Count; i += Lanes.Count)
        {
            max = Vector512.MaxNative(max, Vector512.Load(scores + i));
        }

        Vector512<float> inside = Lanes.Before(count - i);
        Vector512<float> last = lowest;
        if (i < count)
        {
            last = Vector512.ConditionalSelect(inside, Vector512.Load(scores + i), lowest);
            max = Vector512.MaxNative(max, last);
        }

        largest = Lanes.Max(max) * scale;
        Vector512<float> scales = Vector512.Create(scale);
        Vector512<float> shift = Vector512.Create(-largest);
        Vector512<float> sum = Vector512<float>.Zero;
        for (i = 0; i <= count - Lanes.Count; i += Lanes.Count)
        {
            Vector512<float> e = Exponential.Exp(Vector512.FusedMultiplyAdd(Vector512.Load(scores + i), scales, shift));
            e.Store(scores + i);
            sum += e;
        }

        if (i < count)
        {
            Vector512<float> e = Exponential.Exp(Vector512.FusedMultiplyAdd(last, scales, shift));
            e = Vector512.ConditionalSelect(inside, e, Vector512<float>.Zero);
            e.Store(scores + i);
            sum += e;
            i += Lanes.Count;
        }

        for (; i < end; i += Lanes.Count)
        {
            Vector512<float>.Zero.Store(scores + i);
        }

        return Lanes.Sum(sum);
    }

    /// <summary>
    /// Cross entropy of one row; the gradient may overwrite the logits. Returns the loss in nats, NaN where a logit is not finite.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static float CrossEntropy(float* logits, int count, int target, float scale, float* dLogits)
    {
        Vector512<float> lowest = Vector512.Create(float.NegativeInfinity);
        Vector512<float> max = lowest;

        // Zero times what is not finite is NaN. Of −∞ nothing else is seen: its share is 0.
        Vector512<float> finite = Vector512<float>.Zero;
        int i = 0;
        for (; i <= count - Lanes.Count; i += Lanes.Count)
        {
            Vector512<float> values = Vector512.Load(logits + i);
            max = Vector512.MaxNative(max, values);
            finite = Vector512.FusedMultiplyAdd(values, Vector512<float>.Zero, finite);
        }

        Vector512<float> inside = Lanes.Before(count - i);
        Vector512<float> last = lowest;
        if (i < count)
        {
            Vector512<float> values = Lanes.LoadPart(logits + i, count - i);
            last = Vector512.ConditionalSelect(inside, values, lowest);
            max = Vector512.MaxNative(max, last);
            finite = Vector512.FusedMultiplyAdd(values, Vector512<float>.Zero, finite);
        }

        float largest = Lanes.Max(max);
        Vector512<float> shift = Vector512.Create(largest);
        Vector512<float> sum = Vector512<float>.Zero;
        float chosen = logits[target];
        for (i = 0; i <= count - Lanes.Count; i += Lanes.Count)
        {
            Vector512<float> e = Exponential.Exp(Vector512.Load(logits + i) - shift);
            sum += e;
            if (dLogits is not null)
            {
                e.Store(dLogits + i);
            }
        }

        if (i < count)
        {
            Vector512<float> e = Vector512.ConditionalSelect(inside, Exponential.Exp(last - shift), Vector512<float>.Zero);
            sum += e;
            if (dLogits is not null)
            {
                Lanes.StorePart(e, dLogits + i, count - i);
            }
        }

        float total = Lanes.Sum(sum);
        if (dLogits is not null)
        {
            Vector512<float> factor = Vector512.Create(scale / total);
            for (i = 0; i < count; i += Lanes.Count)
            {
                Lanes.Store(Lanes.Load(dLogits + i, count - i) * factor, dLogits + i, count - i);
            }

            dLogits[target] -= scale;
        }

        return (float)(Math.Log(total) + ((double)largest - chosen)) + Lanes.Sum(finite);
    }
}
