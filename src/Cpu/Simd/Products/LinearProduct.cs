namespace Actors.Cpu.Simd.Products;

/// <summary>Rows times a matrix that all of them share: x Wᵀ and dy W.</summary>
internal static unsafe class LinearProduct
{
    /// <summary>Bytes of the right matrix that stay in the second-level cache while strips of rows pass by.</summary>
    private const int RightBlockBytes = 384 * 1024;

    /// <summary>Steps of a strip that stay in the first-level cache while panels pass by.</summary>
    private const int DepthBlock = 384;

    /// <summary>Floats of scratch memory that <see cref="Run"/> needs for rows that crowd the cache.</summary>
    public const int ScratchFloats = Strips.HeldRows * (DepthBlock + 144);

    /// <summary>C = A · B, or addend + A · B.</summary>
    /// <param name="strip">A, C and the addend with their strides; the rest is set here.</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="depth">Columns of A.</param>
    /// <param name="columns">Columns of C.</param>
    /// <param name="right">B.</param>
    /// <param name="scratch"><see cref="ScratchFloats"/> floats.</param>
    public static void Run(Strip strip, int rows, int depth, int columns, in RightMatrix right, float* scratch)
    {
        if (rows == 1 && columns >= RowProduct.LeastColumns)
        {
            RowProduct.Run(strip, depth, columns, right);
            return;
        }

        // Partial sums wait in C, where an addend that is C must not be overwritten before the end.
        bool whole = depth <= DepthBlock || strip.Addend == strip.C;
        int blocks = whole ? 1 : (depth + DepthBlock - 1) / DepthBlock;
        int width = TileDispatch.PanelColumns;
        float* addend = strip.Addend;
        int from = 0;
        for (int block = 0; block < blocks; block++)
        {
            int steps = depth / blocks + (block < depth % blocks ? 1 : 0);
            strip.Depth = steps;
            strip.Accumulate = block > 0;
            strip.Addend = block == blocks - 1 ? addend : null;
            int blockColumns = Math.Max(1, RightBlockBytes / (4 * width * Math.Max(steps, 1))) * width;
            for (int column = 0; column < columns; column += blockColumns)
            {
                Strip part = strip;
                part.A += from;
                part.B = (float*)right.First + column / width * right.Panel + from * right.Step;
                part.BStep = right.Step;
                part.BPanel = right.Panel;
                part.C += column;
                part.Addend = part.Addend is null ? null : part.Addend + column;
                Rows(part, rows, Math.Min(blockColumns, columns - column), (float*)right.Tail + from * right.TailStep, right.TailStep, scratch);
            }

            from += steps;
        }
    }

    private static void Rows(Strip strip, int rows, int columns, float* tail, nint tailStep, float* scratch)
    {
        // Rows that start a multiple of 2 KiB apart share the few places that a first-level cache has for them.
        bool crowded = rows > 6 && (strip.AStride * sizeof(float) & 2047) == 0 && strip.Depth is > 16 and <= DepthBlock;
        if (!crowded)
        {
            Strips.Multiply<ByRow>(strip, rows, columns, tail, tailStep);
            return;
        }

        int count = (rows + Strips.HeldRows - 1) / Strips.HeldRows;
        nint compact = (strip.Depth + 15) / 16 * 16 + 16;
        for (int i = 0; i < count; i++)
        {
            int height = rows / count + (i < rows % count ? 1 : 0);
            Strip part = strip;
            for (int row = 0; row < height; row++)
            {
                Buffer.MemoryCopy(
                    strip.A + row * strip.AStride, scratch + row * compact, strip.Depth * sizeof(float), strip.Depth * sizeof(float));
            }

            part.A = scratch;
            part.AStride = compact;
            Strips.Multiply<ByRow>(part, height, columns, tail, tailStep);
            strip.A += height * strip.AStride;
            strip.C += height * strip.CStride;
            strip.Addend = strip.Addend is null ? null : strip.Addend + height * strip.AddendStride;
        }
    }
}
