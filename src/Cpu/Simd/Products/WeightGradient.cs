namespace Actors.Cpu.Simd.Products;

/// <summary>dW += dyᵀ x: sums over rows in order, going on from what dW holds, so a batch may be cut anywhere.</summary>
internal static unsafe class WeightGradient
{
    /// <summary>Rows that are summed before the sums are written back.</summary>
    private const int RowBlock = 256;

    /// <summary>Floats of scratch memory that <see cref="Run"/> needs.</summary>
    public const int ScratchFloats = RowBlock * 32;

    /// <summary>Adds dyᵀ x to dW.</summary>
    /// <param name="dy">(rows, outputs).</param>
    /// <param name="dyStride">From row to row.</param>
    /// <param name="x">(rows, inputs).</param>
    /// <param name="xStride">From row to row.</param>
    /// <param name="rows">Rows that are summed.</param>
    /// <param name="outputs">Rows of dW.</param>
    /// <param name="inputs">Columns of dW.</param>
    /// <param name="dw">(outputs, inputs), added to.</param>
    /// <param name="dwStride">From row to row.</param>
    /// <param name="scratch"><see cref="ScratchFloats"/> floats.</param>
    public static void Run(
        float* dy, nint dyStride, float* x, nint xStride, int rows, int outputs, int inputs, float* dw, nint dwStride, float* scratch)
    {
        int width = TileDispatch.PanelColumns;
        int rest = inputs % width;
        int wholeColumns = inputs - rest;
        int tailColumns = PanelPacking.TailColumns(inputs);
        for (int row = 0; row < rows; row += RowBlock)
        {
            int depth = Math.Min(RowBlock, rows - row);
            float* block = x + row * xStride;
            if (rest > 0)
            {
                PanelPacking.CopyColumns(block + wholeColumns, xStride, rest, depth, scratch, tailColumns);
            }

            var strip = new Strip
            {
                A = dy + row * dyStride,
                AStride = dyStride,
                B = block,
                BStep = xStride,
                BPanel = width,
                Depth = depth,
                C = dw,
                CStride = dwStride,
                Accumulate = true,
            };
            Strips.Multiply<ByStep>(strip, outputs, inputs, scratch, tailColumns);
        }
    }
}
