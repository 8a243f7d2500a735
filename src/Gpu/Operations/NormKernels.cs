using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>Root-mean-square normalization on a GPU, rows of one type, statistics and weights in float32.</summary>
/// <param name="library">Has the kernels.</param>
/// <param name="type">How rows are stored.</param>
internal sealed unsafe class NormKernels(KernelLibrary library, ElementType type)
{
    private readonly CudaKernel _norm = library.Kernel("rms_norm", type);

    /// <summary>y = x · rstd · weight with rstd = 1 / √(mean(x²) + epsilon) for each row; NaN where the mean square is beyond float32.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="x">(rows, columns).</param>
    /// <param name="weight">Address of float32 (columns).</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="y">(rows, columns); may be <paramref name="x"/>.</param>
    /// <param name="rstd">Address of float32 (rows); 0: not wanted.</param>
    /// <param name="rows">How many.</param>
    /// <param name="columns">Elements of a row.</param>
    public void RmsNorm(CudaQueue queue, RowView x, nuint weight, float epsilon, RowView y, nuint rstd, RowCount rows, int columns)
    {
        PackedRows.Check("RmsNorm", type, columns, x, y);
        _norm.Launch(
            queue, PackedRows.Blocks(library.Context, rows.Capacity), PackedRows.BlockThreads,
            [(nint)(&x), (nint)(&weight), (nint)(&epsilon), (nint)(&y), (nint)(&rstd), (nint)(&rows), (nint)(&columns)]);
    }
}
