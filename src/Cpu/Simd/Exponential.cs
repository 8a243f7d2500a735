using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Actors.Cpu.Simd;

/// <summary>e^x and what is made of it, sixteen floats at a time, to about one unit in the last place.</summary>
internal static class Exponential
{
    private const float Least = -87f;
    private const float Most = 88f;
    private const float Log2E = 1.44269504f;
    private const float Ln2High = 0.693145752f; // 15 bits: times a whole number below 256 it is exact
    private const float Ln2Low = 1.42860677e-6f;
    private const float RoundToWhole = 12582912f; // 1.5 · 2^23: adding it leaves the nearest whole number in the low bits

    private const double PreciseLog2E = 1.4426950408889634;
    private const double PreciseLn2 = 0.69314718055994531;
    private const double PreciseRoundToWhole = 6755399441055744.0; // 1.5 · 2^52

    /// <summary>
    /// e^x for x in −87 .. 88, and the value at the nearer end beyond: about 1e-38 and 1.6e38, which beside the 1 that a softmax
    /// or sigmoid adds are 0 and infinity. NaN for NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        x = Vector512.MinNative(Vector512.Create(Most), Vector512.MaxNative(Vector512.Create(Least), x));
        Vector512<float> shifted = Vector512.FusedMultiplyAdd(x, Vector512.Create(Log2E), Vector512.Create(RoundToWhole));
        Vector512<float> whole = shifted - Vector512.Create(RoundToWhole);
        Vector512<float> r = Vector512.FusedMultiplyAdd(whole, Vector512.Create(-Ln2High), x);
        r = Vector512.FusedMultiplyAdd(whole, Vector512.Create(-Ln2Low), r);

        // (e^r − 1 − r) / r² on |r| ≤ ln 2 / 2, near minimax.
        Vector512<float> q = Vector512.FusedMultiplyAdd(r, Vector512.Create(1.98910172e-4f), Vector512.Create(1.39336737e-3f));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(8.33331090e-3f));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(4.16664647e-2f));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(1.66666667e-1f));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(0.5f));
        Vector512<float> e = Vector512.FusedMultiplyAdd(q, r * r, r) + Vector512<float>.One;

        // The low bits of the shifted number are the power of two; e lies around 1, so it can be added to its exponent.
        return (e.AsInt32() + (shifted.AsInt32() << 23)).AsSingle();
    }

    /// <summary>1 / (1 + e^−x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) =>
        Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    /// <summary>1 / (1 + e^−x), computed in float64 and rounded once: what chooses experts must not depend on an approximation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> PreciseSigmoid(Vector512<float> x)
    {
        (Vector512<double> low, Vector512<double> high) = Vector512.Widen(-x);
        low = Vector512<double>.One / (Vector512<double>.One + Exp(low));
        high = Vector512<double>.One / (Vector512<double>.One + Exp(high));
        return Vector512.Narrow(low, high);
    }

    /// <summary>e^x to about 1e-11 for |x| ≤ 200, and e^±200 beyond: all that a result rounded to float32 needs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Exp(Vector512<double> x)
    {
        x = Vector512.MinNative(Vector512.Create(200.0), Vector512.MaxNative(Vector512.Create(-200.0), x));
        Vector512<double> shifted = Vector512.FusedMultiplyAdd(x, Vector512.Create(PreciseLog2E), Vector512.Create(PreciseRoundToWhole));
        Vector512<double> whole = shifted - Vector512.Create(PreciseRoundToWhole);
        Vector512<double> r = Vector512.FusedMultiplyAdd(whole, Vector512.Create(-PreciseLn2), x);

        // The exponential series: its next term is below 1e-11 on |r| ≤ ln 2 / 2.
        Vector512<double> e = Vector512.Create(1 / 362880.0);
        e = Vector512.FusedMultiplyAdd(e, r, Vector512.Create(1 / 40320.0));
        e = Vector512.FusedMultiplyAdd(e, r, Vector512.Create(1 / 5040.0));
        e = Vector512.FusedMultiplyAdd(e, r, Vector512.Create(1 / 720.0));
        e = Vector512.FusedMultiplyAdd(e, r, Vector512.Create(1 / 120.0));
        e = Vector512.FusedMultiplyAdd(e, r, Vector512.Create(1 / 24.0));
        e = Vector512.FusedMultiplyAdd(e, r, Vector512.Create(1 / 6.0));
        e = Vector512.FusedMultiplyAdd(e, r, Vector512.Create(0.5));
        e = Vector512.FusedMultiplyAdd(e, r, Vector512<double>.One);
        e = Vector512.FusedMultiplyAdd(e, r, Vector512<double>.One);
        Vector512<long> power = shifted.AsInt64() - Vector512.Create(PreciseRoundToWhole).AsInt64();
        return e * ((power + Vector512.Create(1023L)) << 52).AsDouble();
    }
}
