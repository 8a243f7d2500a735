using System.Numerics;
using System.Runtime.InteropServices;

namespace Actors.Tensors.Numbers;

/// <summary>Looks for values that are no finite numbers.</summary>
public static class FiniteValues
{
    /// <summary>Whether every value is finite; of many values at once, without a branch each.</summary>
    public static bool AreAll(ReadOnlySpan<float> values)
    {
        // Zero times NaN or an infinity is NaN, and stays it in a sum.
        Vector<float> sums = Vector<float>.Zero;
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (Vector<float> vector in vectors)
        {
            sums += vector * Vector<float>.Zero;
        }

        float sum = Vector.Sum(sums);
        foreach (float value in values[(vectors.Length * Vector<float>.Count)..])
        {
            sum += value * 0;
        }

        return sum == 0;
    }

    /// <summary>Whether all values, of bfloat16, are finite.</summary>
    public static bool AreAllBFloat16(ReadOnlySpan<ushort> values)
    {
        const ushort Exponent = 0x7F80;
        foreach (ushort value in values)
        {
            if ((value & Exponent) == Exponent)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Place of the first value that is not finite; −1 where all are.</summary>
    public static int IndexOfOther(ReadOnlySpan<float> values)
    {
        if (AreAll(values))
        {
            return -1;
        }

        int index = 0;
        while (float.IsFinite(values[index]))
        {
            index++;
        }

        return index;
    }
}
