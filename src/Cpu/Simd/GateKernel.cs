using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Simd;

/// <summary>One token's choice of experts (DeepSeek-V3 technical report, section 2.1.2), and its gradient.</summary>
internal static unsafe class GateKernel
{
    /// <summary>Sigmoid of a row; may be in place.</summary>
    /// <param name="logits">(experts).</param>
    /// <param name="bias">(experts).</param>
    /// <param name="scores">Output (experts).</param>
    /// <param name="experts">Number of experts.</param>
    /// <returns>Whether every logit and bias is finite.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static bool Scores(float* logits, float* bias, float* scores, int experts)
    {
        // Zero times what is not finite is NaN.
        Vector512<float> finite = Vector512<float>.Zero;
        for (int i = 0; i < experts; i += Lanes.Count)
        {
            Vector512<float> values = Lanes.Load(logits + i, experts - i);
            finite = Vector512.FusedMultiplyAdd(values, Vector512<float>.Zero, finite);
            finite = Vector512.FusedMultiplyAdd(Lanes.Load(bias + i, experts - i), Vector512<float>.Zero, finite);
            Lanes.Store(Exponential.PreciseSigmoid(values), scores + i, experts - i);
        }

        return Lanes.Sum(finite) == 0;
    }

    /// <summary>Chooses by score + bias and writes the chosen in falling order with their weights.</summary>
    /// <param name="scores">(experts).</param>
    /// <param name="bias">(experts).</param>
    /// <param name="experts">Number of experts.</param>
    /// <param name="shape">The rule's sizes.</param>
    /// <param name="chosen">Output (ExpertsKept).</param>
    /// <param name="weights">Output (ExpertsKept).</param>
    /// <param name="scratch">(2 · groups + 2 · ExpertsKept) floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Choose(float* scores, float* bias, int experts, in GateShape shape, int* chosen, float* weights, float* scratch)
    {
        int size = experts / shape.Groups;
        float* best = scratch;
        var groups = (int*)(best + Math.Max(shape.GroupsKept, shape.ExpertsKept));
        int kept = 0;
        for (int group = 0; group < shape.Groups; group++)
        {
            Insert(TwoLargest(scores + group * size, bias + group * size, size), group, best, groups, ref kept, shape.GroupsKept);
        }

        // Experts are looked at in order of index, so that of equal ones the first is kept.
        Sort(groups, kept);
        int count = 0;
        for (int i = 0; i < kept; i++)
        {
            int start = groups[i] * size;
            for (int expert = start; expert < start + size; expert++)
            {
                Insert(scores[expert] + bias[expert], expert, best, chosen, ref count, shape.ExpertsKept);
            }
        }

        Weigh(scores, shape, chosen, weights);
    }

    /// <summary>Gradient of one token's logits; zero where its choices were dropped.</summary>
    public static void Backward(
        float* dWeights, int* chosen, float* scores, int experts, in GateShape shape, float* dLogits)
    {
        new Span<float>(dLogits, experts).Clear();
        if (chosen[0] < 0)
        {
            return;
        }

        double sum = 1e-20;
        double dot = 0;
        for (int i = 0; i < shape.ExpertsKept; i++)
        {
            sum += scores[chosen[i]];
            dot += (double)dWeights[i] * scores[chosen[i]];
        }

        double factor = shape.Normalize ? shape.Scaling / sum : shape.Scaling;
        double mean = shape.Normalize ? dot / sum : 0;
        for (int i = 0; i < shape.ExpertsKept; i++)
        {
            double score = scores[chosen[i]];
            dLogits[chosen[i]] += (float)(factor * (dWeights[i] - mean) * score * (1 - score));
        }
    }

    /// <summary>Counts the experts of largest score, of equals the lowest.</summary>
    /// <param name="scores">(experts).</param>
    /// <param name="experts">Number of experts.</param>
    /// <param name="wanted">How many are counted.</param>
    /// <param name="best">Scratch (wanted).</param>
    /// <param name="chosen">Scratch (wanted).</param>
    /// <param name="counts">(experts), added to; whole numbers, which float32 has up to 2^24.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void CountLargest(float* scores, int experts, int wanted, float* best, int* chosen, float* counts)
    {
        int count = 0;
        for (int expert = 0; expert < experts; expert++)
        {
            Insert(scores[expert], expert, best, chosen, ref count, wanted);
        }

        for (int k = 0; k < wanted; k++)
        {
            counts[chosen[k]]++;
        }
    }

    /// <summary>One token's part in the balance loss: adds factor · (c − m) s' (1 − s), s' = s / (Σ s + 1e-20), and returns m = Σ c s'.</summary>
    /// <param name="scores">s (experts).</param>
    /// <param name="counts">c (experts).</param>
    /// <param name="experts">Number of experts.</param>
    /// <param name="factor">Of the gradient.</param>
    /// <param name="dLogits">(experts), added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static float AddBalance(float* scores, float* counts, int experts, float factor, float* dLogits)
    {
        Vector512<float> sums = Vector512<float>.Zero, products = sums;
        for (int i = 0; i < experts; i += Lanes.Count)
        {
            Vector512<float> s = Lanes.Load(scores + i, experts - i);
            sums += s;
            products = Vector512.FusedMultiplyAdd(Lanes.Load(counts + i, experts - i), s, products);
        }

        float sum = Lanes.Sum(sums) + 1e-20f, mean = Lanes.Sum(products) / sum;
        Vector512<float> factors = Vector512.Create(factor / sum), means = Vector512.Create(mean);
        for (int i = 0; i < experts; i += Lanes.Count)
        {
            Vector512<float> s = Lanes.Load(scores + i, experts - i);
            Vector512<float> part = factors * (Lanes.Load(counts + i, experts - i) - means) * s;
            Lanes.Store(Vector512.FusedMultiplyAdd(part, Vector512<float>.One - s, Lanes.Load(dLogits + i, experts - i)), dLogits + i, experts - i);
        }

        return mean;
    }

    private static float TwoLargest(float* scores, float* bias, int size)
    {
        float first = float.NegativeInfinity;
        float second = float.NegativeInfinity;
        for (int i = 0; i < size; i++)
        {
            float c = scores[i] + bias[i];
            second = MathF.Max(second, MathF.Min(first, c));
            first = MathF.Max(first, c);
        }

        return size == 1 ? first : first + second;
    }

    /// <summary>Keeps the largest <paramref name="limit"/> in falling order; an equal one that came earlier stays before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Insert(float value, int index, float* best, int* indices, ref int count, int limit)
    {
        // Not "value > best": a NaN must be chosen and seen, not leave a place unfilled.
        if (count == limit && value <= best[count - 1])
        {
            return;
        }

        int place = count < limit ? count++ : limit - 1;
        for (; place > 0 && !(value <= best[place - 1]); place--)
        {
            best[place] = best[place - 1];
            indices[place] = indices[place - 1];
        }

        best[place] = value;
        indices[place] = index;
    }

    private static void Sort(int* values, int count)
    {
        for (int i = 1; i < count; i++)
        {
            int value = values[i];
            int place = i;
            for (; place > 0 && values[place - 1] > value; place--)
            {
                values[place] = values[place - 1];
            }

            values[place] = value;
        }
    }

    private static void Weigh(float* scores, in GateShape shape, int* chosen, float* weights)
    {
        float sum = 0;
        for (int i = 0; i < shape.ExpertsKept; i++)
        {
            weights[i] = scores[chosen[i]];
            sum += weights[i];
        }

        float divisor = shape.Normalize ? sum + 1e-20f : 1;
        for (int i = 0; i < shape.ExpertsKept; i++)
        {
            weights[i] = weights[i] / divisor * shape.Scaling;
        }
    }
}
