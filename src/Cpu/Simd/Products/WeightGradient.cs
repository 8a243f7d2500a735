namespace Actors.Cpu.Simd.Products;

/// <summary>dyᵀ x: sums over rows in order, going on from what dW holds, so a batch may be cut anywhere.</summary>
internal static unsafe class WeightGradient
{
    /// <summary>Rows that are summed before the sums are written back: a packed strip of them fits into the first-level cache.</summary>
    private const int RowBlock = 384;

    /// <summary>Packed columns of x, at most 576 KiB with a block of rows, which stay in the second-level cache while strips of dy pass by.</summary>
    private const int ColumnBlock = 384;

    /// <summary>Elements of a packed row of a strip.</summary>
    private const int StripStride = 16;

    /// <summary>Strips of dy that are packed together, 2 MiB with a block of rows: once for all blocks of columns.</summary>
    private const int StripBlock = 86;

    /// <summary>Floats of scratch memory that <see cref="Run"/> needs.</summary>
    public const int ScratchFloats = RowBlock * (ColumnBlock + StripBlock * StripStride);

    /// <summary>dW = dyᵀ x, or dW += dyᵀ x.</summary>
    /// <param name="product">
    /// A: dy (rows, outputs), B: x (rows, inputs), C: dW (outputs, inputs), their strides from row to row, and whether dW is added
    /// to; the rest is set here.
    /// </param>
    /// <param name="rows">Rows that are summed.</param>
    /// <param name="outputs">Rows of dW.</param>
    /// <param name="inputs">Columns of dW.</param>
    /// <param name="scratch"><see cref="ScratchFloats"/> floats.</param>
    public static void Run(Strip product, int rows, int outputs, int inputs, float* scratch)
    {
        product.BPanel = TileDispatch.PanelColumns;
        var blocks = EvenCut.AtMost(rows, RowBlock);
        if (blocks.Count == 0 && !product.Accumulate)
        {
            Direct(product, outputs, inputs, scratch);
        }

        for (int block = 0; block < blocks.Count; block++)
        {
            int depth = blocks[block];
            product.Depth = depth;
            if ((long)depth * inputs > 64 * 1024 && outputs >= 4 * Strips.HeldRows)
            {
                Packed(product, outputs, inputs, scratch);
            }
            else
            {
                Direct(product, outputs, inputs, scratch);
            }

            product.A += depth * product.AStride;
            product.B += depth * product.BStep;
            product.Accumulate = true;
        }
    }

    /// <summary>Small operands are multiplied as they lie.</summary>
    private static void Direct(in Strip product, int outputs, int inputs, float* scratch)
    {
        var right = RightMatrix.InPlace(product.B, product.BStep, inputs, (int)product.Depth, scratch);
        Strips.Multiply<ByStep>(product, outputs, inputs, (float*)right.Tail, right.TailStep);
    }

    /// <summary>Rows of large operands lie so far apart that they crowd the caches: both are packed, a block at a time.</summary>
    private static void Packed(in Strip product, int outputs, int inputs, float* scratch)
    {
        Strip part = product;
        var blocks = EvenCut.AtMost(outputs, StripBlock * Strips.HeldRows);
        for (int block = 0; block < blocks.Count; block++)
        {
            PackedBlock(part, blocks[block], inputs, scratch);
            part.A += blocks[block];
            part.C += blocks[block] * part.CStride;
        }
    }

    private static void PackedBlock(in Strip product, int outputs, int inputs, float* scratch)
    {
        var depth = (int)product.Depth;
        var strips = EvenCut.AtMost(outputs, Strips.HeldRows);
        float* left = scratch + RowBlock * ColumnBlock;
        PackStrips(product, strips, left);
        for (int column = 0; column < inputs; column += ColumnBlock)
        {
            int columns = Math.Min(ColumnBlock, inputs - column);
            PanelPacking.Pack(product.B + column, product.BStep, columns, depth, scratch);
            var right = RightMatrix.Packed(scratch, columns, depth);
            Strip part = product;
            part.A = left;
            part.AStride = StripStride;
            part.B = (float*)right.First;
            part.BStep = right.Step;
            part.BPanel = right.Panel;
            part.C += column;
            for (int strip = 0; strip < strips.Count; strip++)
            {
                int height = strips[strip];
                Strips.Multiply<ByStep>(part, height, columns, (float*)right.Tail, right.TailStep);
                part.A += depth * StripStride;
                part.C += height * product.CStride;
            }
        }
    }

    /// <summary>Copies dy's columns, strip by strip, each row of a strip <see cref="StripStride"/> behind the one before.</summary>
    private static void PackStrips(in Strip product, EvenCut strips, float* left)
    {
        var depth = (int)product.Depth;
        for (int step = 0; step < depth; step += PanelPacking.PackedRows)
        {
            float* from = product.A + step * product.AStride;
            float* to = left + step * StripStride;
            int steps = Math.Min(PanelPacking.PackedRows, depth - step);
            for (int strip = 0; strip < strips.Count; strip++)
            {
                int height = strips[strip];
                PanelPacking.CopyColumns(from, product.AStride, height, steps, to, StripStride);
                from += height;
                to += depth * StripStride;
            }
        }
    }
}
