namespace Actors.Cpu.Simd.Products;

/// <summary>Rows times a matrix that all of them share: x Wᵀ and dy W.</summary>
internal static unsafe class LinearProduct
{
    /// <summary>Bytes of the right matrix that stay in the second-level cache while strips of rows pass by.</summary>
    private const int RightBlockBytes = 384 * 1024;

    /// <summary>Steps of a strip that stay in the first-level cache while panels pass by.</summary>
    private const int DepthBlock = 384;

    /// <summary>Rows that crowd the cache are copied so many at a time, to stay in the second-level cache beside the right matrix.</summary>
    private const int RowBlock = 8 * Strips.HeldRows;

    /// <summary>Floats of scratch memory that <see cref="Run"/> needs for rows that crowd the cache.</summary>
    public const int ScratchFloats = RowBlock * (DepthBlock + 2 * CacheLine.Floats);

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
        EvenCut blocks = whole ? new EvenCut(depth, 1) : EvenCut.AtMost(depth, DepthBlock);
        float* addend = strip.Addend;
        int from = 0;
        for (int block = 0; block < blocks.Count; block++)
        {
            int steps = blocks[block];
            Strip part = strip;
            part.A += from;
            part.Depth = steps;
            part.Accumulate = block > 0;
            part.Addend = block == blocks.Count - 1 ? addend : null;
            RightMatrix lower = right with
            {
                First = right.First + from * right.Step * sizeof(float),
                Tail = right.Tail + from * right.TailStep * sizeof(float),
            };
            if (Crowds(part, rows))
            {
                Copied(part, rows, columns, lower, scratch);
            }
            else
            {
                Columns(part, rows, columns, lower);
            }

            from += steps;
        }
    }

    /// <summary>Whether rows start a multiple of 2 KiB apart, and so share the few places that a first-level cache has for them.</summary>
    private static bool Crowds(in Strip strip, int rows) =>
        rows > 6 && (strip.AStride * sizeof(float) & 2047) == 0 && strip.Depth is > 16 and <= DepthBlock;

    /// <summary>Blocks of rows, copied closer together.</summary>
    private static void Copied(Strip strip, int rows, int columns, in RightMatrix right, float* scratch)
    {
        Strip part = strip;
        part.A = scratch;
        part.AStride = Lanes.Pad((int)strip.Depth, CacheLine.Floats) + CacheLine.Floats;
        var blocks = EvenCut.AtMost(rows, RowBlock);
        for (int block = 0; block < blocks.Count; block++)
        {
            int height = blocks[block];
            for (int row = 0; row < height; row++)
            {
                nint bytes = strip.Depth * sizeof(float);
                Buffer.MemoryCopy(strip.A + row * strip.AStride, scratch + row * part.AStride, bytes, bytes);
            }

            Columns(part, height, columns, right);
            strip.A += height * strip.AStride;
            part.C += height * part.CStride;
            part.Addend = part.Addend is null ? null : part.Addend + height * part.AddendStride;
        }
    }

    /// <summary>Blocks of columns, so that all rows pass by a block before the next one.</summary>
    private static void Columns(in Strip strip, int rows, int columns, in RightMatrix right)
    {
        int width = TileDispatch.PanelColumns;
        int block = (int)Math.Max(1, RightBlockBytes / (sizeof(float) * width * Math.Max(strip.Depth, 1))) * width;
        for (int column = 0; column < columns; column += block)
        {
            Strip part = strip;
            part.B = (float*)right.First + column / width * right.Panel;
            part.BStep = right.Step;
            part.BPanel = right.Panel;
            part.C += column;
            part.Addend = part.Addend is null ? null : part.Addend + column;
            Strips.Multiply<ByRow>(part, rows, Math.Min(block, columns - column), (float*)right.Tail, right.TailStep);
        }
    }
}
