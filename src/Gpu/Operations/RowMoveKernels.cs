using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>Moves rows of any type to other places.</summary>
/// <param name="library">Has the kernels.</param>
internal sealed unsafe class RowMoveKernels(KernelLibrary library)
{
    private static readonly int[] UnitBytes = [16, 4, 2, 1];
    private readonly CudaKernel _toBFloat16 = library.Kernel("convert_rows", "convert_rows_to_bfloat16"), _toFloat32 = library.Kernel("convert_rows", "convert_rows_to_float32");
    private readonly CudaKernel[] _byUnit = [.. UnitBytes.Select(bytes => library.Kernel("move_rows", $"move_rows_{bytes}"))];

    /// <summary>y = x, (rows, columns) of another type: float32 rounded to bfloat16, or back.</summary>
    public void Convert(CudaQueue queue, Tensor x, Tensor y)
    {
        RowView from = RowView.Of(x), to = RowView.Of(y);
        int rows = x.Rows, columns = x.Columns;
        RowThreads share = RowThreads.For(rows, columns);
        int shift = share.Shift;
        (y.Type == ElementType.BFloat16 ? _toBFloat16 : _toFloat32).Launch(
            queue, share.Blocks, PackedRows.BlockThreads, [(nint)(&from), (nint)(&to), (nint)(&rows), (nint)(&columns), (nint)(&shift)]);
    }

    /// <summary>y[to[i]] = x[from[i]]; zeros where from[i] is below 0.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="x">(any, columns).</param>
    /// <param name="from">Address of int32 (count).</param>
    /// <param name="to">Address of int32 (count); 0: one after the other.</param>
    /// <param name="y">(any, columns), of x's type.</param>
    /// <param name="count">Rows to move.</param>
    public void Move(CudaQueue queue, Tensor x, nuint from, nuint to, Tensor y, int count)
    {
        if (count == 0 || y.Columns == 0)
        {
            return;
        }

        int size = x.Type.SizeInBytes();
        // What is not read has no address: then y alone decides.
        nuint alignment = (nuint)y.Pointer | (nuint)(y.Columns * size) | (x.Rows == 0 ? 0 : (nuint)x.Pointer)
            | (nuint)((long)(count > 1 ? y.RowStride | x.RowStride : 0) * size) | (nuint)((long)(x.Rows > 1 ? x.RowStride : 0) * size) | (nuint)((long)(y.Rows > 1 ? y.RowStride : 0) * size);
        int kind = 0;
        while (alignment % (nuint)UnitBytes[kind] != 0)
        {
            kind++;
        }

        int unit = UnitBytes[kind], units = y.Columns * size / unit;
        nuint xData = x.Rows == 0 ? 0 : (nuint)x.Pointer, yData = (nuint)y.Pointer;
        long xStride = (long)x.RowStride * size / unit, yStride = (long)y.RowStride * size / unit;
        RowThreads share = RowThreads.For(count, units);
        int shift = share.Shift;
        _byUnit[kind].Launch(
            queue, share.Blocks, PackedRows.BlockThreads,
            [(nint)(&xData), (nint)(&xStride), (nint)(&from), (nint)(&to), (nint)(&yData), (nint)(&yStride), (nint)(&count), (nint)(&units), (nint)(&shift)]);
    }
}
