using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Actors.Cpu.Simd.Products;

/// <summary>
/// The layout that products read their right matrix in: panels of <see cref="TileDispatch.PanelColumns"/> columns, each stored step by
/// step, so that the inner loop reads one address after the other. The last panel has as few vectors as hold it, padded with zeros.
/// </summary>
internal static unsafe class PanelPacking
{
    /// <summary>Rows that are packed together: their pages are few enough to be foreseen, and what is written of a panel lies together.</summary>
    public const int PackedRows = 8;

    /// <summary>Columns that the last, partial panel of <paramref name="columns"/> columns is padded to; 0 if there is none.</summary>
    public static int TailColumns(int columns) =>
        Lanes.Pad(columns % TileDispatch.PanelColumns, TileDispatch.Lanes);

    /// <summary>Floats of the panels of a right matrix of <paramref name="depth"/> x <paramref name="columns"/>.</summary>
    public static long Length(int columns, int depth) =>
        (long)depth * (columns / TileDispatch.PanelColumns * TileDispatch.PanelColumns + TailColumns(columns));

    /// <summary>Packs the transpose of a matrix: panel columns are its rows (Wᵀ for x Wᵀ).</summary>
    /// <param name="source">(columns, depth).</param>
    /// <param name="stride">From source row to source row.</param>
    /// <param name="columns">Source rows.</param>
    /// <param name="depth">Source columns.</param>
    /// <param name="panels">Written whole.</param>
    public static void PackTransposed(float* source, nint stride, int columns, int depth, float* panels)
    {
        int width = TileDispatch.PanelColumns;
        for (int column = 0; column < columns; column += width)
        {
            int filled = Math.Min(width, columns - column);
            int padded = filled == width ? width : TailColumns(columns);
            Transpose(source + column * stride, stride, filled, depth, panels + (nint)column * depth, padded);
        }
    }

    /// <summary>Packs a matrix whose columns are panel columns (W for dy W).</summary>
    /// <param name="source">(depth, columns).</param>
    /// <param name="stride">From source row to source row.</param>
    /// <param name="columns">Source columns.</param>
    /// <param name="depth">Source rows.</param>
    /// <param name="panels">Written whole.</param>
    public static void Pack(float* source, nint stride, int columns, int depth, float* panels)
    {
        int width = TileDispatch.PanelColumns;
        for (int step = 0; step < depth; step += PackedRows)
        {
            int steps = Math.Min(PackedRows, depth - step);
            for (int column = 0; column < columns; column += width)
            {
                int filled = Math.Min(width, columns - column);
                int padded = filled == width ? width : TailColumns(columns);
                float* panel = panels + (nint)column * depth + (nint)step * padded;
                CopyColumns(source + step * stride + column, stride, filled, steps, panel, padded);
            }
        }
    }

    /// <summary>Copies <paramref name="depth"/> rows of <paramref name="filled"/> elements, padding each with zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void CopyColumns(float* source, nint stride, int filled, int depth, float* destination, int padded)
    {
        for (int step = 0; step < depth; step++)
        {
            Lanes.Copy(source, destination, filled, padded);
            source += stride;
            destination += padded;
        }
    }

    /// <summary>Writes <paramref name="rows"/> rows as columns of one panel, padded with zeros to <paramref name="width"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Transpose(float* source, nint stride, int rows, int depth, float* destination, int width)
    {
        int row = 0;
        for (; Avx.IsSupported && row + 16 <= rows; row += 16)
        {
            // Sixteen rows at a time, so that each line of the panel is written once.
            float* from = source + row * stride;
            float* to = destination + row;
            int step = 0;
            for (; step + 8 <= depth; step += 8)
            {
                // Lines of the panel this far apart are not foreseen.
                CacheLine.Prefetch(to + (step + 24) * (nint)width, width, 8, 1);
                Transpose8(from + step, stride, to + (nint)step * width, width);
                Transpose8(from + 8 * stride + step, stride, to + 8 + (nint)step * width, width);
            }

            for (int part = 0; part < 16; part += 4)
            {
                FourRows(from + part * stride, stride, step, depth, to + part, width);
            }
        }

        for (; row + 4 <= rows; row += 4)
        {
            FourRows(source + row * stride, stride, 0, depth, destination + row, width);
        }

        for (; row < width; row++)
        {
            for (int step = 0; step < depth; step++)
            {
                destination[(nint)step * width + row] = row < rows ? source[row * stride + step] : 0;
            }
        }
    }

    /// <summary>Four rows' elements from <paramref name="step"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourRows(float* source, nint stride, int step, int depth, float* destination, int width)
    {
        for (; step + 4 <= depth; step += 4)
        {
            Transpose4(source + step, stride, destination + (nint)step * width, width);
        }

        for (; step < depth; step++)
        {
            for (int i = 0; i < 4; i++)
            {
                destination[(nint)step * width + i] = source[i * stride + step];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose8(float* source, nint stride, float* destination, nint width)
    {
        float* lower = source + 4 * stride;
        (Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d) = Transpose4x2(source, stride);
        (Vector256<float> e, Vector256<float> f, Vector256<float> g, Vector256<float> h) = Transpose4x2(lower, stride);
        Avx.Permute2x128(a, e, 0x20).Store(destination);
        Avx.Permute2x128(b, f, 0x20).Store(destination + width);
        Avx.Permute2x128(c, g, 0x20).Store(destination + 2 * width);
        Avx.Permute2x128(d, h, 0x20).Store(destination + 3 * width);
        destination += 4 * width;
        Avx.Permute2x128(a, e, 0x31).Store(destination);
        Avx.Permute2x128(b, f, 0x31).Store(destination + width);
        Avx.Permute2x128(c, g, 0x31).Store(destination + 2 * width);
        Avx.Permute2x128(d, h, 0x31).Store(destination + 3 * width);
    }

    /// <summary>Of four rows of eight elements: columns 0 and 4, 1 and 5, 2 and 6, 3 and 7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float>, Vector256<float>, Vector256<float>, Vector256<float>) Transpose4x2(float* source, nint stride)
    {
        Vector256<float> a = Vector256.Load(source), b = Vector256.Load(source + stride);
        Vector256<float> c = Vector256.Load(source + 2 * stride), d = Vector256.Load(source + 3 * stride);
        Vector256<double> lowAb = Avx.UnpackLow(a, b).AsDouble(), highAb = Avx.UnpackHigh(a, b).AsDouble();
        Vector256<double> lowCd = Avx.UnpackLow(c, d).AsDouble(), highCd = Avx.UnpackHigh(c, d).AsDouble();
        return (
            Avx.UnpackLow(lowAb, lowCd).AsSingle(), Avx.UnpackHigh(lowAb, lowCd).AsSingle(),
            Avx.UnpackLow(highAb, highCd).AsSingle(), Avx.UnpackHigh(highAb, highCd).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4(float* source, nint stride, float* destination, nint width)
    {
        Vector128<float> a = Vector128.Load(source);
        Vector128<float> b = Vector128.Load(source + stride);
        Vector128<float> c = Vector128.Load(source + 2 * stride);
        Vector128<float> d = Vector128.Load(source + 3 * stride);
        Vector128<double> lowAb = Low(a, b).AsDouble(), highAb = High(a, b).AsDouble();
        Vector128<double> lowCd = Low(c, d).AsDouble(), highCd = High(c, d).AsDouble();
        Low(lowAb, lowCd).AsSingle().Store(destination);
        High(lowAb, lowCd).AsSingle().Store(destination + width);
        Low(highAb, highCd).AsSingle().Store(destination + 2 * width);
        High(highAb, highCd).AsSingle().Store(destination + 3 * width);
    }

    /// <summary>a0 b0 a1 b1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Low(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0], a[1], b[1]);

    /// <summary>a2 b2 a3 b3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> High(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[2], b[2], a[3], b[3]);

    /// <summary>a0 b0, each a pair of floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> Low(Vector128<double> a, Vector128<double> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0]);

    /// <summary>a1 b1, each a pair of floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> High(Vector128<double> a, Vector128<double> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[1], b[1]);
}
