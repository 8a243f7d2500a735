using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Actors.LoadTests.Kernels;

/// <summary>What one core can do at most, measured.</summary>
internal static unsafe class Machine
{
    private const int Steps = 100_000;
    private const int Chains = 12;

    /// <summary>Fused multiply-adds of independent chains in registers, counted as two operations each.</summary>
    public static double PeakGflops()
    {
        int lanes = Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;
        float sink = 0;
        Timing timing = Timing.Measure(
            () => sink += lanes == 16 ? Chains512() : lanes == 8 ? Chains256() : Chains128());
        return float.IsNaN(sink)
            ? throw new InvalidOperationException("The chains overflowed.")
            : 2e-9 * Steps * Chains * lanes / timing.Lower;
    }

    /// <summary>A copy between two buffers larger than every cache; bytes read plus bytes written.</summary>
    public static double CopyGigabytesPerSecond()
    {
        const int Bytes = 128 << 20;
        void* from = NativeMemory.AlignedAlloc(Bytes, 64);
        void* to = NativeMemory.AlignedAlloc(Bytes, 64);
        try
        {
            NativeMemory.Fill(from, Bytes, 1);
            Timing timing = Timing.Measure(() => Buffer.MemoryCopy(from, to, Bytes, Bytes));
            return 2e-9 * Bytes / timing.Median;
        }
        finally
        {
            NativeMemory.AlignedFree(from);
            NativeMemory.AlignedFree(to);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chains512()
    {
        Vector512<float> factor = Vector512.Create(0.999f), term = Vector512.Create(0.001f);
        Vector512<float> a = term, b = term, c = term, d = term, e = term, f = term;
        Vector512<float> g = term, h = term, i = term, j = term, k = term, l = term;
        for (int step = 0; step < Steps; step++)
        {
            a = Vector512.FusedMultiplyAdd(a, factor, term);
            b = Vector512.FusedMultiplyAdd(b, factor, term);
            c = Vector512.FusedMultiplyAdd(c, factor, term);
            d = Vector512.FusedMultiplyAdd(d, factor, term);
            e = Vector512.FusedMultiplyAdd(e, factor, term);
            f = Vector512.FusedMultiplyAdd(f, factor, term);
            g = Vector512.FusedMultiplyAdd(g, factor, term);
            h = Vector512.FusedMultiplyAdd(h, factor, term);
            i = Vector512.FusedMultiplyAdd(i, factor, term);
            j = Vector512.FusedMultiplyAdd(j, factor, term);
            k = Vector512.FusedMultiplyAdd(k, factor, term);
            l = Vector512.FusedMultiplyAdd(l, factor, term);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chains256()
    {
        Vector256<float> factor = Vector256.Create(0.999f), term = Vector256.Create(0.001f);
        Vector256<float> a = term, b = term, c = term, d = term, e = term, f = term;
        Vector256<float> g = term, h = term, i = term, j = term, k = term, l = term;
        for (int step = 0; step < Steps; step++)
        {
            a = Vector256.FusedMultiplyAdd(a, factor, term);
            b = Vector256.FusedMultiplyAdd(b, factor, term);
            c = Vector256.FusedMultiplyAdd(c, factor, term);
            d = Vector256.FusedMultiplyAdd(d, factor, term);
            e = Vector256.FusedMultiplyAdd(e, factor, term);
            f = Vector256.FusedMultiplyAdd(f, factor, term);
            g = Vector256.FusedMultiplyAdd(g, factor, term);
            h = Vector256.FusedMultiplyAdd(h, factor, term);
            i = Vector256.FusedMultiplyAdd(i, factor, term);
            j = Vector256.FusedMultiplyAdd(j, factor, term);
            k = Vector256.FusedMultiplyAdd(k, factor, term);
            l = Vector256.FusedMultiplyAdd(l, factor, term);
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chains128()
    {
        Vector128<float> factor = Vector128.Create(0.999f), term = Vector128.Create(0.001f);
        Vector128<float> a = term, b = term, c = term, d = term, e = term, f = term;
        Vector128<float> g = term, h = term, i = term, j = term, k = term, l = term;
        for (int step = 0; step < Steps; step++)
        {
            a = Vector128.FusedMultiplyAdd(a, factor, term);
            b = Vector128.FusedMultiplyAdd(b, factor, term);
            c = Vector128.FusedMultiplyAdd(c, factor, term);
            d = Vector128.FusedMultiplyAdd(d, factor, term);
            e = Vector128.FusedMultiplyAdd(e, factor, term);
            f = Vector128.FusedMultiplyAdd(f, factor, term);
            g = Vector128.FusedMultiplyAdd(g, factor, term);
            h = Vector128.FusedMultiplyAdd(h, factor, term);
            i = Vector128.FusedMultiplyAdd(i, factor, term);
            j = Vector128.FusedMultiplyAdd(j, factor, term);
            k = Vector128.FusedMultiplyAdd(k, factor, term);
            l = Vector128.FusedMultiplyAdd(l, factor, term);
        }

        return Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
