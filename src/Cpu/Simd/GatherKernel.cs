using System.Runtime.CompilerServices;

namespace Actors.Cpu.Simd;

/// <summary>Copies of rows that lie anywhere to rows one after the other; zeros where a row's number is −1.</summary>
internal static unsafe class GatherKernel
{
    /// <summary>Rows that are asked for ahead: a row of a few hundred bytes is copied several times while one comes from memory.</summary>
    private const int RowsAhead = 4;

    /// <summary>y[i] = x[rows[i]], <paramref name="bytes"/> each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Rows(byte* x, nint xStride, int* rows, int count, nint bytes, byte* y, nint yStride)
    {
        int asked = bytes <= CacheLine.LongestRow ? count - RowsAhead : 0;
        for (int i = 0; i < count; i++, y += yStride)
        {
            if (i < asked && rows[i + RowsAhead] >= 0)
            {
                CacheLine.Prefetch((float*)(x + (rows[i + RowsAhead] * xStride)), (int)(bytes / sizeof(float)));
            }

            if (rows[i] < 0)
            {
                new Span<byte>(y, (int)bytes).Clear();
            }
            else
            {
                RowCopy.Run(x + (rows[i] * xStride), y, bytes);
            }
        }
    }

    /// <summary>The same for rows of one element of four bytes, as a routing's weights are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Elements(byte* x, nint xStride, int* rows, int count, byte* y, nint yStride)
    {
        for (int i = 0; i < count; i++, y += yStride)
        {
            *(uint*)y = rows[i] < 0 ? 0 : *(uint*)(x + (rows[i] * xStride));
        }
    }
}
