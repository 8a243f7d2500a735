using System.Runtime.InteropServices;
using Actors.Tensors;
using Actors.Tensors.Formats;

namespace Actors.Parity.Tests;

/// <summary>
/// An output's bytes and how far another backend may be from them: relative in L2 to the norm, or to the floor where the
/// norm is smaller; 0 for equal bits.
/// </summary>
internal sealed record TrialResult(string Name, ElementType Type, byte[] Bytes, double Tolerance, double Floor)
{
    /// <summary>‖other − this‖ / max(‖this‖, floor) over all elements in float64; NaN counts as infinitely far.</summary>
    public double DistanceTo(TrialResult other)
    {
        if (Bytes.AsSpan().SequenceEqual(other.Bytes))
        {
            return 0;
        }

        if (Type is ElementType.Int32 or ElementType.E4M3)
        {
            return double.PositiveInfinity;
        }

        double[] expected = Elements();
        double[] found = other.Elements();
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += (found[i] - expected[i]) * (found[i] - expected[i]);
            norm += expected[i] * expected[i];
        }

        double distance = Math.Sqrt(difference) / Math.Max(Math.Sqrt(norm), Floor);
        return double.IsNaN(distance) ? double.PositiveInfinity : distance;
    }

    /// <summary>
    /// For float32 results that the other has rounded to bfloat16: the first element that is the rounding, to nearest even, of no number as near as
    /// <paramref name="tolerance"/>, relative to the norm or the floor, allows; −1: there is none.
    /// </summary>
    public int FirstNotRounded(TrialResult other, double tolerance)
    {
        double[] expected = Elements(), found = other.Elements();
        double apart = tolerance * Math.Max(Math.Sqrt(expected.Sum(value => value * value)), Floor);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Rounded(expected[i] - apart) <= found[i] && found[i] <= Rounded(expected[i] + apart)))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>An element of the result.</summary>
    public double Element(int index) => index < 0 ? double.NaN : Elements()[index];

    private static double Rounded(double value) => BFloat16.ToSingle(BFloat16.FromSingle((float)value));

    private double[] Elements()
    {
        int size = Type.SizeInBytes();
        var elements = new double[Bytes.Length / size];
        for (int i = 0; i < elements.Length; i++)
        {
            ReadOnlySpan<byte> bytes = Bytes.AsSpan(i * size, size);
            elements[i] = Type switch
            {
                ElementType.Float32 => MemoryMarshal.Read<float>(bytes),
                ElementType.Float64 => MemoryMarshal.Read<double>(bytes),
                ElementType.BFloat16 => BFloat16.ToSingle(MemoryMarshal.Read<ushort>(bytes)),
                _ => throw new InvalidOperationException($"No comparison is written for {Type}."),
            };
        }

        return elements;
    }
}
