using System.Runtime.CompilerServices;

namespace Actors.Cpu.Simd.Products;

/// <summary>
/// The inner loop of products: a tile of rows x panel columns, here of one or two vectors, whose sums all stay in registers. Each
/// element is summed over the depth in index order by fused multiply-adds in one accumulator, whatever the tile's size.
/// </summary>
internal static unsafe class TileKernel<TVector, TWidth>
    where TVector : struct
    where TWidth : struct, IVectorWidth<TVector>
{
    /// <summary>Computes strips of <typeparamref name="TRows"/> rows each with panels of <typeparamref name="TColumns"/> vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Run<TRows, TColumns, TLayout>(in Strip strip)
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
        where TLayout : struct, ILeftLayout
    {
        int lanes = TWidth.Lanes;
        nint stride = strip.AStride;
        nint bStep = strip.BStep;
        nint depth = strip.Depth;
        nint rowStep = TLayout.StepsTogether ? 1 : stride;
        for (nint panel = 0; panel < strip.Panels; panel++)
        {
            float* left = strip.A;
            float* c = strip.C + panel * TColumns.Value * lanes;
            float* addend = strip.Addend is null ? null : strip.Addend + panel * TColumns.Value * lanes;
            for (nint rest = strip.Count; rest > 0; rest--)
            {
                // By rows, each pointer serves three rows, so that all addresses fit into the general registers.
                float* a0 = left;
                float* a3 = a0 + 3 * stride;
                float* a6 = a0 + 6 * stride;
                float* a9 = a0 + 9 * stride;
                float* a12 = a0 + 12 * stride;
                nint stride2 = 2 * stride;
                float* b = strip.B + panel * strip.BPanel;

                // Of the strip below its rows of A are asked for, a line a step.
                float* next = TLayout.StepsTogether ? null : rest > 1 || strip.More ? a0 + TRows.Value * stride : a0;
                strip.AskForNextSums(c, panel, rest, TRows.Value, TColumns.Value * lanes);

                TVector s0 = TWidth.Zero, t0 = TWidth.Zero;
                TVector s1 = TWidth.Zero, t1 = TWidth.Zero;
                TVector s2 = TWidth.Zero, t2 = TWidth.Zero;
                TVector s3 = TWidth.Zero, t3 = TWidth.Zero;
                TVector s4 = TWidth.Zero, t4 = TWidth.Zero;
                TVector s5 = TWidth.Zero, t5 = TWidth.Zero;
                TVector s6 = TWidth.Zero, t6 = TWidth.Zero;
                TVector s7 = TWidth.Zero, t7 = TWidth.Zero;
                TVector s8 = TWidth.Zero, t8 = TWidth.Zero;
                TVector s9 = TWidth.Zero, t9 = TWidth.Zero;
                TVector s10 = TWidth.Zero, t10 = TWidth.Zero;
                TVector s11 = TWidth.Zero, t11 = TWidth.Zero;
                TVector s12 = TWidth.Zero, t12 = TWidth.Zero;
                TVector s13 = TWidth.Zero, t13 = TWidth.Zero;
                if (strip.Accumulate)
                {
                    if (TRows.Value > 0)
                    {
                        s0 = TWidth.Load(c + 0 * strip.CStride);
                        t0 = TColumns.Value > 1 ? TWidth.Load(c + 0 * strip.CStride + lanes) : t0;
                    }

                    if (TRows.Value > 1)
                    {
                        s1 = TWidth.Load(c + 1 * strip.CStride);
                        t1 = TColumns.Value > 1 ? TWidth.Load(c + 1 * strip.CStride + lanes) : t1;
                    }

                    if (TRows.Value > 2)
                    {
                        s2 = TWidth.Load(c + 2 * strip.CStride);
                        t2 = TColumns.Value > 1 ? TWidth.Load(c + 2 * strip.CStride + lanes) : t2;
                    }

                    if (TRows.Value > 3)
                    {
                        s3 = TWidth.Load(c + 3 * strip.CStride);
                        t3 = TColumns.Value > 1 ? TWidth.Load(c + 3 * strip.CStride + lanes) : t3;
                    }

                    if (TRows.Value > 4)
                    {
                        s4 = TWidth.Load(c + 4 * strip.CStride);
                        t4 = TColumns.Value > 1 ? TWidth.Load(c + 4 * strip.CStride + lanes) : t4;
                    }

                    if (TRows.Value > 5)
                    {
                        s5 = TWidth.Load(c + 5 * strip.CStride);
                        t5 = TColumns.Value > 1 ? TWidth.Load(c + 5 * strip.CStride + lanes) : t5;
                    }

                    if (TRows.Value > 6)
                    {
                        s6 = TWidth.Load(c + 6 * strip.CStride);
                        t6 = TColumns.Value > 1 ? TWidth.Load(c + 6 * strip.CStride + lanes) : t6;
                    }

                    if (TRows.Value > 7)
                    {
                        s7 = TWidth.Load(c + 7 * strip.CStride);
                        t7 = TColumns.Value > 1 ? TWidth.Load(c + 7 * strip.CStride + lanes) : t7;
                    }

                    if (TRows.Value > 8)
                    {
                        s8 = TWidth.Load(c + 8 * strip.CStride);
                        t8 = TColumns.Value > 1 ? TWidth.Load(c + 8 * strip.CStride + lanes) : t8;
                    }

                    if (TRows.Value > 9)
                    {
                        s9 = TWidth.Load(c + 9 * strip.CStride);
                        t9 = TColumns.Value > 1 ? TWidth.Load(c + 9 * strip.CStride + lanes) : t9;
                    }

                    if (TRows.Value > 10)
                    {
                        s10 = TWidth.Load(c + 10 * strip.CStride);
                        t10 = TColumns.Value > 1 ? TWidth.Load(c + 10 * strip.CStride + lanes) : t10;
                    }

                    if (TRows.Value > 11)
                    {
                        s11 = TWidth.Load(c + 11 * strip.CStride);
                        t11 = TColumns.Value > 1 ? TWidth.Load(c + 11 * strip.CStride + lanes) : t11;
                    }

                    if (TRows.Value > 12)
                    {
                        s12 = TWidth.Load(c + 12 * strip.CStride);
                        t12 = TColumns.Value > 1 ? TWidth.Load(c + 12 * strip.CStride + lanes) : t12;
                    }

                    if (TRows.Value > 13)
                    {
                        s13 = TWidth.Load(c + 13 * strip.CStride);
                        t13 = TColumns.Value > 1 ? TWidth.Load(c + 13 * strip.CStride + lanes) : t13;
                    }
                }

                for (nint step = depth; step > 0; step--)
                {
                    TVector b0 = TWidth.Load(b);
                    TVector b1 = TColumns.Value > 1 ? TWidth.Load(b + lanes) : b0;
                    b += bStep;
                    if (TLayout.StepsTogether)
                    {
                        CacheLine.Prefetch(a0 + 2 * TRows.Value - 1);
                    }
                    else
                    {
                        CacheLine.Prefetch(next);
                        next += CacheLine.Floats;
                    }

                    TVector x;
                    if (TRows.Value > 0)
                    {
                        x = TWidth.Broadcast(TLayout.StepsTogether ? a0 + 0 : a0);
                        s0 = TWidth.MultiplyAdd(x, b0, s0);
                        t0 = TColumns.Value > 1 ? TWidth.MultiplyAdd(x, b1, t0) : t0;
                    }

                    if (TRows.Value > 1)
                    {
                        x = TWidth.Broadcast(TLayout.StepsTogether ? a0 + 1 : a0 + stride);
                        s1 = TWidth.MultiplyAdd(x, b0, s1);
                        t1 = TColumns.Value > 1 ? TWidth.MultiplyAdd(x, b1, t1) : t1;
                    }

                    if (TRows.Value > 2)
                    {
                        x = TWidth.Broadcast(TLayout.StepsTogether ? a0 + 2 : a0 + stride2);
                        s2 = TWidth.MultiplyAdd(x, b0, s2);
                        t2 = TColumns.Value > 1 ? TWidth.MultiplyAdd(x, b1, t2) : t2;
                    }

                    if (TRows.Value > 3)
                    {
                        x = TWidth.Broadcast(TLayout.StepsTogether ? a0 + 3 : a3);
                        s3 = TWidth.MultiplyAdd(x, b0, s3);
                        t3 = TColumns.Value > 1 ? TWidth.MultiplyAdd(x, b1, t3) : t3;
                    }

                    if (TRows.Value > 4)
                    {
                        x = TWidth.Broadcast(TLayout.StepsTogether ? a0 + 4 : a3 + stride);
                        s4 = TWidth.MultiplyAdd(x, b0, s4);
                        t4 = TColumns.Value > 1 ? TWidth.MultiplyAdd(x, b1, t4) : t4;
                    }

                    if (TRows.Value > 5)
                    {
                        x = TWidth.Broadcast(TLayout.StepsTogether ? a0 + 5 : a3 + stride2);
                        s5 = TWidth.MultiplyAdd(x, b0, s5);
                        t5 = TColumns.Value > 1 ? TWidth.MultiplyAdd(x, b1, t5) : t5;
                    }

                    if (TRows.Value > 6)
                    {
                        x = TWidth.Broadcast(TLayout.StepsTogether ? a0 + 6 : a6);
                        s6 = TWidth.MultiplyAdd(x, b0, s6);
                        t6 = TColumns.Value > 1 ? TWidth.MultiplyAdd(x, b1, t6) : t6;
                    }

                    if (TRows.Value > 7)
                    {
                        x = TWidth.Broadcast(TLayout.StepsTogether ? a0 + 7 : a6 + stride);
                        s7 = TWidth.MultiplyAdd(x, b0, s7);
                        t7 = TColumns.Value > 1 ? TWidth.MultiplyAdd(x, b1, t7) : t7;
                    }

                    if (TRows.Value > 8)
                    {
                        x = TWidth.Broadcast(TLayout.StepsTogether ? a0 + 8 : a6 + stride2);
                        s8 = TWidth.MultiplyAdd(x, b0, s8);
                        t8 = TColumns.Value > 1 ? TWidth.MultiplyAdd(x, b1, t8) : t8;
                    }

                    if (TRows.Value > 9)
                    {
                        x = TWidth.Broadcast(TLayout.StepsTogether ? a0 + 9 : a9);
                        s9 = TWidth.MultiplyAdd(x, b0, s9);
                        t9 = TColumns.Value > 1 ? TWidth.MultiplyAdd(x, b1, t9) : t9;
                    }

                    if (TRows.Value > 10)
                    {
                        x = TWidth.Broadcast(TLayout.StepsTogether ? a0 + 10 : a9 + stride);
                        s10 = TWidth.MultiplyAdd(x, b0, s10);
                        t10 = TColumns.Value > 1 ? TWidth.MultiplyAdd(x, b1, t10) : t10;
                    }

                    if (TRows.Value > 11)
                    {
                        x = TWidth.Broadcast(TLayout.StepsTogether ? a0 + 11 : a9 + stride2);
                        s11 = TWidth.MultiplyAdd(x, b0, s11);
                        t11 = TColumns.Value > 1 ? TWidth.MultiplyAdd(x, b1, t11) : t11;
                    }

                    if (TRows.Value > 12)
                    {
                        x = TWidth.Broadcast(TLayout.StepsTogether ? a0 + 12 : a12);
                        s12 = TWidth.MultiplyAdd(x, b0, s12);
                        t12 = TColumns.Value > 1 ? TWidth.MultiplyAdd(x, b1, t12) : t12;
                    }

                    if (TRows.Value > 13)
                    {
                        x = TWidth.Broadcast(TLayout.StepsTogether ? a0 + 13 : a12 + stride);
                        s13 = TWidth.MultiplyAdd(x, b0, s13);
                        t13 = TColumns.Value > 1 ? TWidth.MultiplyAdd(x, b1, t13) : t13;
                    }

                    a0 += TLayout.StepsTogether ? stride : 1;
                    a3 += !TLayout.StepsTogether && TRows.Value > 3 ? 1 : 0;
                    a6 += !TLayout.StepsTogether && TRows.Value > 6 ? 1 : 0;
                    a9 += !TLayout.StepsTogether && TRows.Value > 9 ? 1 : 0;
                    a12 += !TLayout.StepsTogether && TRows.Value > 12 ? 1 : 0;
                }

                if (TRows.Value > 0)
                {
                    Finish<TColumns>(s0, t0, c + 0 * strip.CStride, addend, 0 * strip.AddendStride);
                }

                if (TRows.Value > 1)
                {
                    Finish<TColumns>(s1, t1, c + 1 * strip.CStride, addend, 1 * strip.AddendStride);
                }

                if (TRows.Value > 2)
                {
                    Finish<TColumns>(s2, t2, c + 2 * strip.CStride, addend, 2 * strip.AddendStride);
                }

                if (TRows.Value > 3)
                {
                    Finish<TColumns>(s3, t3, c + 3 * strip.CStride, addend, 3 * strip.AddendStride);
                }

                if (TRows.Value > 4)
                {
                    Finish<TColumns>(s4, t4, c + 4 * strip.CStride, addend, 4 * strip.AddendStride);
                }

                if (TRows.Value > 5)
                {
                    Finish<TColumns>(s5, t5, c + 5 * strip.CStride, addend, 5 * strip.AddendStride);
                }

                if (TRows.Value > 6)
                {
                    Finish<TColumns>(s6, t6, c + 6 * strip.CStride, addend, 6 * strip.AddendStride);
                }

                if (TRows.Value > 7)
                {
                    Finish<TColumns>(s7, t7, c + 7 * strip.CStride, addend, 7 * strip.AddendStride);
                }

                if (TRows.Value > 8)
                {
                    Finish<TColumns>(s8, t8, c + 8 * strip.CStride, addend, 8 * strip.AddendStride);
                }

                if (TRows.Value > 9)
                {
                    Finish<TColumns>(s9, t9, c + 9 * strip.CStride, addend, 9 * strip.AddendStride);
                }

                if (TRows.Value > 10)
                {
                    Finish<TColumns>(s10, t10, c + 10 * strip.CStride, addend, 10 * strip.AddendStride);
                }

                if (TRows.Value > 11)
                {
                    Finish<TColumns>(s11, t11, c + 11 * strip.CStride, addend, 11 * strip.AddendStride);
                }

                if (TRows.Value > 12)
                {
                    Finish<TColumns>(s12, t12, c + 12 * strip.CStride, addend, 12 * strip.AddendStride);
                }

                if (TRows.Value > 13)
                {
                    Finish<TColumns>(s13, t13, c + 13 * strip.CStride, addend, 13 * strip.AddendStride);
                }

                left += TRows.Value * rowStep;
                c += TRows.Value * strip.CStride;
                addend = addend is null ? null : addend + TRows.Value * strip.AddendStride;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TColumns>(TVector first, TVector second, float* c, float* addend, nint offset)
        where TColumns : struct, IConstant
    {
        if (addend is not null)
        {
            first = TWidth.Add(TWidth.Load(addend + offset), first);
            second = TColumns.Value > 1 ? TWidth.Add(TWidth.Load(addend + offset + TWidth.Lanes), second) : second;
        }

        TWidth.Store(first, c);
        if (TColumns.Value > 1)
        {
            TWidth.Store(second, c + TWidth.Lanes);
        }
    }
}
