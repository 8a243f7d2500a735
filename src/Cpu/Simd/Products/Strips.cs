using System.Runtime.CompilerServices;

namespace Actors.Cpu.Simd.Products;

/// <summary>Cuts a product into strips of nearly equal rows, and whole, narrow and partial panels.</summary>
internal static unsafe class Strips
{
    /// <summary>
    /// C (+)= A · B. <paramref name="strip"/> describes all rows of A and C and the whole panels of B; its number of panels
    /// is set here from <paramref name="columns"/>.
    /// </summary>
    /// <param name="strip">The matrices.</param>
    /// <param name="rows">Rows of the result.</param>
    /// <param name="columns">Columns of the result.</param>
    /// <param name="tail">The last, partial panel, padded as <see cref="PanelPacking.TailColumns"/> says; unused if there is none.</param>
    /// <param name="tailStep">From one contraction step to the next in it.</param>
    public static void Multiply<TLayout>(Strip strip, int rows, int columns, float* tail, nint tailStep)
        where TLayout : struct, ILeftLayout
    {
        int count = (rows + TileDispatch.MaxRows - 1) / TileDispatch.MaxRows;
        nint rowStep = TLayout.StepsTogether ? 1 : strip.AStride;
        for (int i = 0; i < count; i++)
        {
            int height = rows / count + (i < rows % count ? 1 : 0);
            strip.Ahead = i + 1 < count ? height : 0;
            One<TLayout>(strip, height, columns, tail, tailStep);
            strip.A += height * rowStep;
            strip.C += height * strip.CStride;
            strip.Addend = strip.Addend is null ? null : strip.Addend + height * strip.AddendStride;
        }
    }

    /// <summary>One strip of at most <see cref="TileDispatch.MaxRows"/> rows.</summary>
    public static void One<TLayout>(Strip strip, int rows, int columns, float* tail, nint tailStep)
        where TLayout : struct, ILeftLayout
    {
        int width = TileDispatch.PanelColumns;
        strip.Panels = columns / width;
        if (strip.Panels > 0)
        {
            TileDispatch.Run<TLayout>(rows, narrow: false, strip);
        }

        int rest = columns % width;
        if (rest == 0)
        {
            return;
        }

        nint done = strip.Panels * width;
        strip.B = tail;
        strip.BStep = tailStep;
        strip.C += done;
        strip.Addend = strip.Addend is null ? null : strip.Addend + done;
        strip.Panels = 1;
        if (rest == TileDispatch.Lanes)
        {
            TileDispatch.Run<TLayout>(rows, narrow: true, strip);
        }
        else
        {
            Partial<TLayout>(strip, rows, rest);
        }
    }

    /// <summary>A panel wider than the result's remaining columns: computed beside it and copied.</summary>
    [SkipLocalsInit]
    private static void Partial<TLayout>(Strip strip, int rows, int columns)
        where TLayout : struct, ILeftLayout
    {
        const int Width = 32;
        float* tile = stackalloc float[Width * 14];
        float* sums = strip.C;
        if (strip.Accumulate)
        {
            CopyTile(sums, strip.CStride, tile, Width, rows, columns);
        }

        float* addend = strip.Addend;
        strip.Addend = null;
        strip.C = tile;
        nint stride = strip.CStride;
        strip.CStride = Width;
        TileDispatch.Run<TLayout>(rows, columns <= TileDispatch.Lanes, strip);
        if (addend is null)
        {
            CopyTile(tile, Width, sums, stride, rows, columns);
            return;
        }

        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                sums[row * stride + column] = addend[row * strip.AddendStride + column] + tile[row * Width + column];
            }
        }
    }

    private static void CopyTile(float* source, nint sourceStride, float* destination, nint stride, int rows, int columns)
    {
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                destination[row * stride + column] = source[row * sourceStride + column];
            }
        }
    }
}
