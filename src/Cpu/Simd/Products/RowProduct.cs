using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Actors.Cpu.Simd.Products;

/// <summary>
/// One row times a matrix, as in decoding. Eight vectors' columns pass at once: with the accumulators of one panel
/// alone, each multiply-add would wait for the one before it. The order of each sum is that of <see cref="TileKernel{TVector, TWidth}"/>.
/// </summary>
internal static unsafe class RowProduct
{
    /// <summary>Columns that pass at once; from so many on this is faster than a strip of one row.</summary>
    public static int LeastColumns => 8 * TileDispatch.Lanes;

    /// <summary>C = A · B, or addend + A · B, for one row.</summary>
    public static void Run(Strip strip, int depth, int columns, in RightMatrix right)
    {
        strip.B = (float*)right.First;
        strip.BStep = right.Step;
        strip.BPanel = right.Panel;
        strip.Depth = depth;
        strip.Panels = columns / LeastColumns;
        if (Vector512.IsHardwareAccelerated)
        {
            Eight<Vector512<float>, Width512>(strip);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Eight<Vector256<float>, Width256>(strip);
        }
        else
        {
            Eight<Vector128<float>, Width128>(strip);
        }

        nint done = strip.Panels * LeastColumns;
        strip.B += done / TileDispatch.PanelColumns * right.Panel;
        strip.C += done;
        strip.Addend = strip.Addend is null ? null : strip.Addend + done;
        Strips.Multiply<ByRow>(strip, 1, columns - (int)done, (float*)right.Tail, right.TailStep);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Eight<TVector, TWidth>(in Strip strip)
        where TVector : struct
        where TWidth : struct, IVectorWidth<TVector>
    {
        int lanes = TWidth.Lanes;

        // Four panels of two vectors, or two of four: from the first pair of vectors to the second, and to the third.
        nint bStep = strip.BStep;
        nint pair = TWidth.PanelVectors == 2 ? strip.BPanel : 2 * lanes;
        nint half = TWidth.PanelVectors == 2 ? 2 * strip.BPanel : strip.BPanel;
        for (nint part = 0; part < strip.Panels; part++)
        {
            float* a = strip.A;
            float* end = a + strip.Depth;
            float* b = strip.B + part * 2 * half;
            float* c = b + half;
            TVector s0 = TWidth.Zero, s1 = TWidth.Zero, s2 = TWidth.Zero, s3 = TWidth.Zero;
            TVector s4 = TWidth.Zero, s5 = TWidth.Zero, s6 = TWidth.Zero, s7 = TWidth.Zero;
            for (; a < end; a++)
            {
                TVector x = TWidth.Broadcast(a);
                s0 = TWidth.MultiplyAdd(x, TWidth.Load(b), s0);
                s1 = TWidth.MultiplyAdd(x, TWidth.Load(b + lanes), s1);
                s2 = TWidth.MultiplyAdd(x, TWidth.Load(b + pair), s2);
                s3 = TWidth.MultiplyAdd(x, TWidth.Load(b + pair + lanes), s3);
                s4 = TWidth.MultiplyAdd(x, TWidth.Load(c), s4);
                s5 = TWidth.MultiplyAdd(x, TWidth.Load(c + lanes), s5);
                s6 = TWidth.MultiplyAdd(x, TWidth.Load(c + pair), s6);
                s7 = TWidth.MultiplyAdd(x, TWidth.Load(c + pair + lanes), s7);
                b += bStep;
                c += bStep;
            }

            nint column = part * 8 * lanes;
            Finish<TVector, TWidth>(strip, column, s0, s1);
            Finish<TVector, TWidth>(strip, column + 2 * lanes, s2, s3);
            Finish<TVector, TWidth>(strip, column + 4 * lanes, s4, s5);
            Finish<TVector, TWidth>(strip, column + 6 * lanes, s6, s7);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TVector, TWidth>(in Strip strip, nint column, TVector first, TVector second)
        where TVector : struct
        where TWidth : struct, IVectorWidth<TVector>
    {
        if (strip.Addend is not null)
        {
            first = TWidth.Add(TWidth.Load(strip.Addend + column), first);
            second = TWidth.Add(TWidth.Load(strip.Addend + column + TWidth.Lanes), second);
        }

        TWidth.Store(first, strip.C + column);
        TWidth.Store(second, strip.C + column + TWidth.Lanes);
    }
}
