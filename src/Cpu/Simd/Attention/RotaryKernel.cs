using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Actors.Cpu.Simd.Attention;

/// <summary>Rotary embedding of interleaved pairs.</summary>
internal static unsafe class RotaryKernel
{
    /// <summary>Spreads one position's tables over pairs: (c0, c0, c1, c1, ..) and (−s0, s0, −s1, s1, ..).</summary>
    public static void Spread(float* cos, float* sin, int pairs, bool inverse, float* cosines, float* sines)
    {
        for (int i = 0; i < pairs; i++)
        {
            float s = inverse ? -sin[i] : sin[i];
            cosines[2 * i] = cos[i];
            cosines[(2 * i) + 1] = cos[i];
            sines[2 * i] = -s;
            sines[(2 * i) + 1] = s;
        }
    }

    /// <summary>Rotates <paramref name="columns"/> elements in place by spread tables.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Rotate(float* x, float* cosines, float* sines, int columns)
    {
        int i = 0;
        for (; i <= columns - 4; i += 4)
        {
            Vector128<float> pairs = Vector128.Load(x + i);
            Vector128<float> swapped = Vector128.Shuffle(pairs, Vector128.Create(1, 0, 3, 2));
            Vector128<float> rotated = Vector128.FusedMultiplyAdd(
                pairs, Vector128.Load(cosines + i), swapped * Vector128.Load(sines + i));
            rotated.Store(x + i);
        }

        if (i < columns)
        {
            (float even, float odd) = (x[i], x[i + 1]);
            x[i] = MathF.FusedMultiplyAdd(even, cosines[i], odd * sines[i]);
            x[i + 1] = MathF.FusedMultiplyAdd(odd, cosines[i + 1], even * sines[i + 1]);
        }
    }
}
