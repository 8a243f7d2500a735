using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Actors.Cpu.Simd.Products;

/// <summary>
/// One row times a packed right matrix, as in decoding. Four panels pass at once: with two accumulators alone, each
/// multiply-add would wait for the one before it. The order of each sum is that of <see cref="TileKernel{TVector, TWidth}"/>.
/// </summary>
internal static unsafe class RowProduct
{
    /// <summary>C = A · B, or addend + A · B, for one row.</summary>
    public static void Run(Strip strip, int depth, int columns, float* panels)
    {
        int width = TileDispatch.PanelColumns;
        int quads = columns / (4 * width);
        strip.B = panels;
        strip.BStep = width;
        strip.BPanel = (nint)width * depth;
        strip.Depth = depth;
        strip.Panels = quads;
        if (Vector512.IsHardwareAccelerated)
        {
            Quads<Vector512<float>, Width512>(strip);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Quads<Vector256<float>, Width256>(strip);
        }
        else
        {
            Quads<Vector128<float>, Width128>(strip);
        }

        int done = quads * 4 * width;
        strip.B += (nint)done * depth;
        strip.C += done;
        strip.Addend = strip.Addend is null ? null : strip.Addend + done;
        Strips.One<ByRow>(
            strip, 1, columns - done, panels + (nint)(columns / width) * width * depth, PanelPacking.TailColumns(columns));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Quads<TVector, TWidth>(in Strip strip)
        where TVector : struct
        where TWidth : struct, IVectorWidth<TVector>
    {
        int lanes = TWidth.Lanes;
        nint panel = strip.BPanel;
        for (nint quad = 0; quad < strip.Panels; quad++)
        {
            float* a = strip.A;
            float* end = a + strip.Depth;
            float* b = strip.B + quad * 4 * panel;
            float* c2 = b + 2 * panel;
            TVector s0 = TWidth.Zero, s1 = TWidth.Zero, s2 = TWidth.Zero, s3 = TWidth.Zero;
            TVector s4 = TWidth.Zero, s5 = TWidth.Zero, s6 = TWidth.Zero, s7 = TWidth.Zero;
            for (; a < end; a++)
            {
                TVector x = TWidth.Broadcast(a);
                s0 = TWidth.MultiplyAdd(x, TWidth.Load(b), s0);
                s1 = TWidth.MultiplyAdd(x, TWidth.Load(b + lanes), s1);
                s2 = TWidth.MultiplyAdd(x, TWidth.Load(b + panel), s2);
                s3 = TWidth.MultiplyAdd(x, TWidth.Load(b + panel + lanes), s3);
                s4 = TWidth.MultiplyAdd(x, TWidth.Load(c2), s4);
                s5 = TWidth.MultiplyAdd(x, TWidth.Load(c2 + lanes), s5);
                s6 = TWidth.MultiplyAdd(x, TWidth.Load(c2 + panel), s6);
                s7 = TWidth.MultiplyAdd(x, TWidth.Load(c2 + panel + lanes), s7);
                b += 2 * lanes;
                c2 += 2 * lanes;
            }

            nint column = quad * 8 * lanes;
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
