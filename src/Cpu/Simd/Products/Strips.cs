using System.Runtime.CompilerServices;

namespace Actors.Cpu.Simd.Products;

/// <summary>Cuts a product into whole panels and a last one, and each into strips of nearly equal rows.</summary>
internal static unsafe class Strips
{
    /// <summary>Rows that are copied or computed before others at a time, where that is needed: strips of every kernel divide them well.</summary>
    public const int HeldRows = 12;

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
        int width = TileDispatch.PanelColumns;
        strip.Panels = columns / width;
        if (strip.Panels > 0)
        {
            Run<TLayout>(strip, rows, width);
        }

        int rest = columns % width;
        if (rest > 0)
        {
            nint done = strip.Panels * width;
            strip.B = tail;
            strip.BStep = tailStep;
            strip.C += done;
            strip.Addend = strip.Addend is null ? null : strip.Addend + done;
            strip.Panels = 1;
            Run<TLayout>(strip, rows, rest);
        }
    }

    /// <summary>All rows over panels of <paramref name="columns"/> columns each.</summary>
    private static void Run<TLayout>(Strip strip, int rows, int columns)
        where TLayout : struct, ILeftLayout
    {
        int vectors = (columns + TileDispatch.Lanes - 1) / TileDispatch.Lanes;
        bool whole = vectors * TileDispatch.Lanes == columns;
        int most = TileDispatch.MaxRows(vectors);
        int count = (rows + most - 1) / most;
        nint rowStep = TLayout.StepsTogether ? 1 : strip.AStride;
        for (int i = 0; i < count; i++)
        {
            int height = rows / count + (i < rows % count ? 1 : 0);
            strip.Ahead = i + 1 < count ? height : 0;
            if (whole)
            {
                TileDispatch.Run<TLayout>(height, vectors, strip);
            }
            else
            {
                Partial<TLayout>(strip, height, columns, vectors);
            }

            strip.A += height * rowStep;
            strip.C += height * strip.CStride;
            strip.Addend = strip.Addend is null ? null : strip.Addend + height * strip.AddendStride;
        }
    }

    /// <summary>A panel wider than the result's remaining columns: computed beside it and copied.</summary>
    [SkipLocalsInit]
    private static void Partial<TLayout>(Strip strip, int rows, int columns, int vectors)
        where TLayout : struct, ILeftLayout
    {
        const int Width = 64;
        float* tile = stackalloc float[Width * 14];
        float* sums = strip.C;
        if (strip.Accumulate)
        {
            CopyTile(sums, strip.CStride, tile, Width, rows, columns);
        }

        float* addend = strip.Addend;
        strip.Addend = null;
        strip.C = tile;
        strip.Ahead = 0;
        nint stride = strip.CStride;
        strip.CStride = Width;
        TileDispatch.Run<TLayout>(rows, vectors, strip);
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
