using System.Runtime.CompilerServices;

namespace Actors.Cpu.Simd.Products;

/// <summary>Cuts a product into whole panels and a last one, and its rows into strips of nearly equal heights.</summary>
internal static unsafe class Strips
{
    /// <summary>Rows that are copied or computed before others at a time, where that is needed: strips of every kernel divide them well.</summary>
    public const int HeldRows = 12;

    /// <summary>Bytes of rows of the left matrix that stay in the second-level cache while panels pass by.</summary>
    private const int LeftBlockBytes = 128 * 1024;

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
        nint held = whole ? Math.Max(1, LeftBlockBytes / (sizeof(float) * most * Math.Max(strip.Depth, 1))) : 1;
        nint rowStep = TLayout.StepsTogether ? 1 : strip.AStride;
        for (int i = 0; i < count;)
        {
            int taller = rows % count;
            int height = rows / count + (i < taller ? 1 : 0);
            int equal = (int)Math.Min(held, i < taller ? taller - i : count - i);
            i += equal;
            strip.Count = equal;
            strip.More = i < count;
            if (whole)
            {
                TileDispatch.Run<TLayout>(height, vectors, strip);
            }
            else
            {
                Partial<TLayout>(strip, height, columns, vectors);
            }

            nint passed = (nint)equal * height;
            strip.A += passed * rowStep;
            strip.C += passed * strip.CStride;
            strip.Addend = strip.Addend is null ? null : strip.Addend + passed * strip.AddendStride;
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
        strip.More = false;
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
