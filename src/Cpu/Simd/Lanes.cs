using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Actors.Cpu.Simd;

/// <summary>
/// Sixteen floats at a time on every machine (narrower vectors run as pairs or fours), so that a reduction's order, and with it
/// every bit, depends on a row's length alone.
/// </summary>
internal static unsafe class Lanes
{
    /// <summary>Floats in a block.</summary>
    public const int Count = 16;

    /// <summary><paramref name="count"/>, or the next multiple of <paramref name="unit"/>.</summary>
    public static int Pad(int count, int unit) => (count + unit - 1) / unit * unit;

    /// <summary>0, 1, .. 15.</summary>
    private static Vector512<int> Indices
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    }

    /// <summary>The first <paramref name="count"/> floats (1..15), zeros behind them; reads nothing else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadPart(float* source, int count)
    {
        // A call here, even one that never happens, would cost the loops around it their registers.
        if (Avx512F.IsSupported)
        {
            return Avx512F.MaskLoad(source, Before(count), Vector512<float>.Zero);
        }

        return Avx.IsSupported
            ? Vector512.Create(
                Avx.MaskLoad(source, Before(count).GetLower()), Avx.MaskLoad(source + 8, Before(count).GetUpper()))
            : CopyPart(source, count);
    }

    /// <summary>Writes the first <paramref name="count"/> lanes (1..15) and nothing else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePart(Vector512<float> value, float* destination, int count)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.MaskStore(destination, Before(count), value);
        }
        else if (Avx.IsSupported)
        {
            Avx.MaskStore(destination, Before(count).GetLower(), value.GetLower());
            Avx.MaskStore(destination + 8, Before(count).GetUpper(), value.GetUpper());
        }
        else
        {
            CopyPart(value, destination, count);
        }
    }

    /// <summary>All bits set in the lanes before <paramref name="count"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Before(int count) => Vector512.LessThan(Indices, Vector512.Create(count)).AsSingle();

    /// <summary>A block at <paramref name="source"/>, of which <paramref name="left"/> floats exist; zeros behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source, int left) => left >= Count ? Vector512.Load(source) : LoadPart(source, left);

    /// <summary>Writes as much of a block as <paramref name="left"/> floats exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* destination, int left)
    {
        if (left >= Count)
        {
            value.Store(destination);
        }
        else
        {
            StorePart(value, destination, left);
        }
    }

    /// <summary>The sum of all lanes: halves, then quarters, then pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> value)
    {
        Vector256<float> eight = value.GetLower() + value.GetUpper();
        Vector128<float> four = eight.GetLower() + eight.GetUpper();
        four += Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return (four + Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    /// <summary>The largest lane; anything if one is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(Vector512<float> value)
    {
        Vector256<float> eight = Vector256.MaxNative(value.GetLower(), value.GetUpper());
        Vector128<float> four = Vector128.MaxNative(eight.GetLower(), eight.GetUpper());
        four = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    /// <summary>Copies <paramref name="count"/> floats and writes zeros behind them up to <paramref name="padded"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(float* source, float* destination, int count, int padded)
    {
        int i = 0;
        for (; i < count; i += Count)
        {
            Store(Load(source + i, count - i), destination + i, padded - i);
        }

        for (; i < padded; i += Count)
        {
            Store(Vector512<float>.Zero, destination + i, padded - i);
        }
    }

    /// <summary>Σ a · b over <paramref name="count"/> elements, in four interleaved blocks of lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static float Dot(float* a, float* b, int count)
    {
        Vector512<float> s0 = Vector512<float>.Zero, s1 = s0, s2 = s0, s3 = s0;
        int i = 0;
        for (; i <= count - (4 * Count); i += 4 * Count)
        {
            s0 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), s0);
            s1 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + 16), Vector512.Load(b + i + 16), s1);
            s2 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + 32), Vector512.Load(b + i + 32), s2);
            s3 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + 48), Vector512.Load(b + i + 48), s3);
        }

        for (; i < count; i += Count)
        {
            s0 = Vector512.FusedMultiplyAdd(Load(a + i, count - i), Load(b + i, count - i), s0);
        }

        return Sum((s0 + s1) + (s2 + s3));
    }

    /// <summary>y += factor · x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void MultiplyAdd(float factor, float* x, float* y, int count)
    {
        Vector512<float> factors = Vector512.Create(factor);
        for (int i = 0; i < count; i += Count)
        {
            Store(Vector512.FusedMultiplyAdd(factors, Load(x + i, count - i), Load(y + i, count - i)), y + i, count - i);
        }
    }

    /// <summary>y += x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Add(float* x, float* y, int count)
    {
        for (int i = 0; i < count; i += Count)
        {
            Store(Load(y + i, count - i) + Load(x + i, count - i), y + i, count - i);
        }
    }

    [SkipLocalsInit]
    private static Vector512<float> CopyPart(float* source, int count)
    {
        float* block = stackalloc float[Count];
        Vector512<float>.Zero.Store(block);
        Unsafe.CopyBlockUnaligned(block, source, (uint)count * sizeof(float));
        return Vector512.Load(block);
    }

    [SkipLocalsInit]
    private static void CopyPart(Vector512<float> value, float* destination, int count)
    {
        float* block = stackalloc float[Count];
        value.Store(block);
        Unsafe.CopyBlockUnaligned(destination, block, (uint)count * sizeof(float));
    }
}
