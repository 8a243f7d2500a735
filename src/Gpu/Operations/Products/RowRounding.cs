using Actors.Gpu.Driver;

namespace Actors.Gpu.Operations.Products;

/// <summary>Rounds rows of float32 to bfloat16, for products on tensor cores.</summary>
/// <param name="library">Has the kernel.</param>
internal sealed unsafe class RowRounding(KernelLibrary library)
{
    /// <summary>Elements of 16 bytes.</summary>
    private const int Pack = 8;

    private readonly CudaKernel _round = library.Kernel("round_rows", "round_rows");

    /// <summary>Elements from row to row of rounded rows: all begin at multiples of 16 bytes.</summary>
    public static int StrideOf(int columns) => checked(columns + Pack - 1) / Pack * Pack;

    /// <summary>Bytes of rounded rows.</summary>
    public static long BytesOf(int rows, int columns) => (long)rows * StrideOf(columns) * sizeof(ushort);

    /// <summary>Enqueues the rounding.</summary>
    /// <param name="queue">Where.</param>
    /// <param name="x">Float32 (rows, columns).</param>
    /// <param name="to">Address of <see cref="BytesOf"/> bytes.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <returns>The rounded rows.</returns>
    public RowView Enqueue(CudaQueue queue, RowView x, nuint to, int rows, int columns)
    {
        var y = new RowView(to, StrideOf(columns));
        long blocks = LaunchGrid.Covering(rows * y.Stride / Pack, PackedRows.BlockThreads);
        if (blocks > 0)
        {
            _round.Launch(
                queue, PackedRows.Blocks(library.Context, blocks), PackedRows.BlockThreads, [(nint)(&x), (nint)(&y), (nint)(&rows), (nint)(&columns)]);
        }

        return y;
    }
}
