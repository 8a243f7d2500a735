using System.Runtime.CompilerServices;

namespace Actors.Cpu.Simd.Products;

/// <summary>
/// The inner loop of products whose panels are three or four vectors wide: up to six rows, as <see cref="TileKernel{TVector, TWidth}"/>
/// sums them. A step of 6 x 4 vectors reads 10 operands for 24 multiply-adds, one of 14 x 2 reads 16 for 28: less to wait for
/// where the core is shared with another thread.
/// </summary>
internal static unsafe class WideTileKernel<TVector, TWidth>
    where TVector : struct
    where TWidth : struct, IVectorWidth<TVector>
{
    /// <summary>Rows of the largest tile: 24 accumulators, 4 vectors of the panel and a broadcast fit into 32 registers.</summary>
    public const int MaxRows = 6;

    /// <summary>Computes strips of <typeparamref name="TRows"/> rows each with panels of <typeparamref name="TColumns"/> vectors, 3 or 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Run<TRows, TColumns, TLayout>(in Strip strip)
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
        where TLayout : struct, ILeftLayout
    {
        int lanes = TWidth.Lanes;
        nint bStep = strip.BStep;
        nint cStride = strip.CStride;

        // From row to row of A, and from step to step.
        nint row1 = TLayout.StepsTogether ? 1 : strip.AStride;
        nint row2 = 2 * row1;
        nint step1 = TLayout.StepsTogether ? strip.AStride : 1;
        nint addendStride = strip.AddendStride;
        for (nint panel = 0; panel < strip.Panels; panel++)
        {
            float* left = strip.A;
            float* c = strip.C + panel * TColumns.Value * lanes;
            float* addend = strip.Addend is null ? null : strip.Addend + panel * TColumns.Value * lanes;
            for (nint rest = strip.Count; rest > 0; rest--)
            {
                float* a0 = left;
                float* a3 = a0 + 3 * row1;
                float* b = strip.B + panel * strip.BPanel;

                // Of the strip below its rows of A are asked for, a line every other step or one of each step.
                float* next = rest > 1 || strip.More ? a0 + TRows.Value * row1 : a0;
                strip.AskForNextSums(c, panel, rest, TRows.Value, TColumns.Value * lanes);

                // Two lines a turn of what the thread reads soon; where that is nothing, always the same ones.
                float* soon = strip.Upcoming is null ? null : strip.Upcoming->Take(strip.Depth / 2 * 2);
                nint soonStep = soon is null ? 0 : 2 * CacheLine.Floats;
                soon = soon is null ? a0 : soon;

                TVector s0 = TWidth.Zero, t0 = s0, u0 = s0, v0 = s0;
                TVector s1 = s0, t1 = s0, u1 = s0, v1 = s0;
                TVector s2 = s0, t2 = s0, u2 = s0, v2 = s0;
                TVector s3 = s0, t3 = s0, u3 = s0, v3 = s0;
                TVector s4 = s0, t4 = s0, u4 = s0, v4 = s0;
                TVector s5 = s0, t5 = s0, u5 = s0, v5 = s0;
                if (strip.Accumulate)
                {
                    Load<TRows, TColumns>(0, c, cStride, ref s0, ref t0, ref u0, ref v0);
                    Load<TRows, TColumns>(1, c, cStride, ref s1, ref t1, ref u1, ref v1);
                    Load<TRows, TColumns>(2, c, cStride, ref s2, ref t2, ref u2, ref v2);
                    Load<TRows, TColumns>(3, c, cStride, ref s3, ref t3, ref u3, ref v3);
                    Load<TRows, TColumns>(4, c, cStride, ref s4, ref t4, ref u4, ref v4);
                    Load<TRows, TColumns>(5, c, cStride, ref s5, ref t5, ref u5, ref v5);
                }

                nint steps = strip.Depth;
                if ((steps & 1) != 0)
                {
                    Step<TRows, TColumns>(
                        a0, a3, row1, row2, b, ref s0, ref t0, ref u0, ref v0, ref s1, ref t1, ref u1, ref v1, ref s2, ref t2, ref u2, ref v2,
                        ref s3, ref t3, ref u3, ref v3, ref s4, ref t4, ref u4, ref v4, ref s5, ref t5, ref u5, ref v5);
                    b += bStep;
                    a0 += step1;
                    a3 += step1;
                    steps--;
                }

                // Two steps a turn: what the loop itself costs is shared by 48 multiply-adds.
                for (; steps > 0; steps -= 2)
                {
                    CacheLine.Prefetch(soon);
                    CacheLine.Prefetch(soon + CacheLine.Floats);
                    soon += soonStep;
                    if (TLayout.StepsTogether)
                    {
                        CacheLine.Prefetch(a0 + 2 * TRows.Value - 1);
                        CacheLine.Prefetch(a0 + step1 + 2 * TRows.Value - 1);
                    }
                    else
                    {
                        CacheLine.Prefetch(next);
                        next += CacheLine.Floats;
                    }

                    Step<TRows, TColumns>(
                        a0, a3, row1, row2, b, ref s0, ref t0, ref u0, ref v0, ref s1, ref t1, ref u1, ref v1, ref s2, ref t2, ref u2, ref v2,
                        ref s3, ref t3, ref u3, ref v3, ref s4, ref t4, ref u4, ref v4, ref s5, ref t5, ref u5, ref v5);
                    b += bStep;
                    a0 += step1;
                    a3 += step1;
                    Step<TRows, TColumns>(
                        a0, a3, row1, row2, b, ref s0, ref t0, ref u0, ref v0, ref s1, ref t1, ref u1, ref v1, ref s2, ref t2, ref u2, ref v2,
                        ref s3, ref t3, ref u3, ref v3, ref s4, ref t4, ref u4, ref v4, ref s5, ref t5, ref u5, ref v5);
                    b += bStep;
                    a0 += step1;
                    a3 += step1;
                }

                Finish<TRows, TColumns>(0, s0, t0, u0, v0, c, cStride, addend, addendStride);
                Finish<TRows, TColumns>(1, s1, t1, u1, v1, c, cStride, addend, addendStride);
                Finish<TRows, TColumns>(2, s2, t2, u2, v2, c, cStride, addend, addendStride);
                Finish<TRows, TColumns>(3, s3, t3, u3, v3, c, cStride, addend, addendStride);
                Finish<TRows, TColumns>(4, s4, t4, u4, v4, c, cStride, addend, addendStride);
                Finish<TRows, TColumns>(5, s5, t5, u5, v5, c, cStride, addend, addendStride);
                left += TRows.Value * row1;
                c += TRows.Value * cStride;
                addend = addend is null ? null : addend + TRows.Value * addendStride;
            }
        }
    }

    /// <summary>Reads the sums that a row goes on from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load<TRows, TColumns>(int row, float* c, nint stride, ref TVector s, ref TVector t, ref TVector u, ref TVector v)
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
    {
        if (TRows.Value > row)
        {
            c += row * stride;
            s = TWidth.Load(c);
            t = TWidth.Load(c + TWidth.Lanes);
            u = TWidth.Load(c + 2 * TWidth.Lanes);
            v = TColumns.Value > 3 ? TWidth.Load(c + 3 * TWidth.Lanes) : v;
        }
    }

    /// <summary>One step of the tile: a panel row, times one element of each row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TRows, TColumns>(
        float* a0, float* a3, nint row1, nint row2, float* b,
        ref TVector s0, ref TVector t0, ref TVector u0, ref TVector v0,
        ref TVector s1, ref TVector t1, ref TVector u1, ref TVector v1,
        ref TVector s2, ref TVector t2, ref TVector u2, ref TVector v2,
        ref TVector s3, ref TVector t3, ref TVector u3, ref TVector v3,
        ref TVector s4, ref TVector t4, ref TVector u4, ref TVector v4,
        ref TVector s5, ref TVector t5, ref TVector u5, ref TVector v5)
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
    {
        TVector b0 = TWidth.Load(b);
        TVector b1 = TWidth.Load(b + TWidth.Lanes);
        TVector b2 = TWidth.Load(b + 2 * TWidth.Lanes);
        TVector b3 = TColumns.Value > 3 ? TWidth.Load(b + 3 * TWidth.Lanes) : b2;
        Row<TRows, TColumns>(0, a0, b0, b1, b2, b3, ref s0, ref t0, ref u0, ref v0);
        Row<TRows, TColumns>(1, a0 + row1, b0, b1, b2, b3, ref s1, ref t1, ref u1, ref v1);
        Row<TRows, TColumns>(2, a0 + row2, b0, b1, b2, b3, ref s2, ref t2, ref u2, ref v2);
        Row<TRows, TColumns>(3, a3, b0, b1, b2, b3, ref s3, ref t3, ref u3, ref v3);
        Row<TRows, TColumns>(4, a3 + row1, b0, b1, b2, b3, ref s4, ref t4, ref u4, ref v4);
        Row<TRows, TColumns>(5, a3 + row2, b0, b1, b2, b3, ref s5, ref t5, ref u5, ref v5);
    }

    /// <summary>One step of one row: its element times the panel's columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row<TRows, TColumns>(
        int row, float* a, TVector b0, TVector b1, TVector b2, TVector b3, ref TVector s, ref TVector t, ref TVector u, ref TVector v)
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
    {
        if (TRows.Value > row)
        {
            TVector x = TWidth.Broadcast(a);
            s = TWidth.MultiplyAdd(x, b0, s);
            t = TWidth.MultiplyAdd(x, b1, t);
            u = TWidth.MultiplyAdd(x, b2, u);
            v = TColumns.Value > 3 ? TWidth.MultiplyAdd(x, b3, v) : v;
        }
    }

    /// <summary>Writes a row's sums, with what is added to them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TRows, TColumns>(
        int row, TVector s, TVector t, TVector u, TVector v, float* c, nint stride, float* addend, nint addendStride)
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
    {
        if (TRows.Value > row)
        {
            c += row * stride;
            if (addend is not null)
            {
                addend += row * addendStride;
                s = TWidth.Add(TWidth.Load(addend), s);
                t = TWidth.Add(TWidth.Load(addend + TWidth.Lanes), t);
                u = TWidth.Add(TWidth.Load(addend + 2 * TWidth.Lanes), u);
                v = TColumns.Value > 3 ? TWidth.Add(TWidth.Load(addend + 3 * TWidth.Lanes), v) : v;
            }

            TWidth.Store(s, c);
            TWidth.Store(t, c + TWidth.Lanes);
            TWidth.Store(u, c + 2 * TWidth.Lanes);
            if (TColumns.Value > 3)
            {
                TWidth.Store(v, c + 3 * TWidth.Lanes);
            }
        }
    }
}
