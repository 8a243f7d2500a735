using System.Buffers;
using System.Runtime.InteropServices;
using Actors.Tensors.Numbers;

namespace Actors.Tensors.Operations;

/// <summary>
/// How a sequence's next tokens are drawn: the likeliest at temperature 0 (lowest index wins a tie), else by chance among the likeliest tokens that together
/// reach a probability (nucleus sampling, Holtzman et al. 2019). Probabilities are whole multiples of 2⁻⁴⁰ of the largest, whose sums are exact in any
/// order, so that every device draws the same tokens from the same logits.
/// </summary>
/// <param name="Temperature">Divides the logits; 0 or more.</param>
/// <param name="TopP">Probability of the tokens to choose among; above 0, at most 1.</param>
/// <param name="State">Counter of its random numbers; it begins as the seed.</param>
[StructLayout(LayoutKind.Sequential)]
public record struct TokenDraw(double Temperature, double TopP, ulong State)
{
    /// <summary>Elements of Int32 that hold one.</summary>
    public const int Elements = 6;

    /// <summary>What the likeliest token weighs.</summary>
    private const ulong LargestWeight = 1UL << 40;

    private const int DigitBits = 8, FirstShift = 40;

    /// <summary>The next token for finite <paramref name="logits"/> (vocabulary).</summary>
    public int Next(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
        {
            best = logits[i] > logits[best] ? i : best;
        }

        if (Temperature == 0)
        {
            return best;
        }

        ulong[] rented = ArrayPool<ulong>.Shared.Rent(logits.Length);
        try
        {
            return Draw(logits, logits[best], rented.AsSpan(0, logits.Length));
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(rented);
        }
    }

    private int Draw(ReadOnlySpan<float> logits, float largest, Span<ulong> weights)
    {
        ulong total = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            weights[i] = (ulong)(Math.Exp((double)(logits[i] - largest) / Temperature) * LargestWeight);
            total += weights[i];
        }

        ulong wanted = Math.Clamp((ulong)(TopP * total), 1, total);
        (ulong least, ulong above) = Find(weights, wanted);
        ulong mass = above + ((wanted - above + least - 1) / least * least);
        ulong state = State;
        ulong place = Math.Min((ulong)(SplitMix64.NextUniform(ref state) * mass), mass - 1);
        State = state;
        (ulong weight, above) = Find(weights, place + 1);
        ulong equals = (place - above) / weight;
        for (int i = 0; ; i++)
        {
            if (weights[i] == weight && equals-- == 0)
            {
                return i;
            }
        }
    }

    /// <summary>
    /// The largest weight that, with all weights above it, reaches <paramref name="wanted"/>; and the mass of those above it, which does not. A digit after
    /// the other, by a histogram of masses.
    /// </summary>
    private static (ulong Weight, ulong Above) Find(ReadOnlySpan<ulong> weights, ulong wanted)
    {
        ulong weight = 0, above = 0;
        Span<ulong> masses = stackalloc ulong[1 << DigitBits];
        for (int shift = FirstShift; shift >= 0; shift -= DigitBits)
        {
            masses.Clear();
            foreach (ulong other in weights)
            {
                if (other >> shift >> DigitBits == weight)
                {
                    masses[(int)(other >> shift) & (masses.Length - 1)] += other;
                }
            }

            int digit = masses.Length - 1;
            for (; above + masses[digit] < wanted; digit--)
            {
                above += masses[digit];
            }

            weight = (weight << DigitBits) | (uint)digit;
        }

        return (weight, above);
    }
}
