using System.Numerics;
using Actors.Gpu.Driver;

namespace Actors.Gpu.Operations;

/// <summary>Copies and zeroes rows of any element type that do not lie one after the other.</summary>
/// <param name="library">Has the kernels.</param>
internal sealed unsafe class MoveKernels(KernelLibrary library)
{
    private readonly CudaKernel _copy = library.Kernel("move", "copy_rows"), _zero = library.Kernel("move", "zero_rows");

    /// <summary>Copies rows; strides are bytes.</summary>
    public void Copy(CudaQueue queue, RowView from, RowView to, RowCount rows, long rowBytes)
    {
        int unit = UnitOf((ulong)rowBytes | from.Data | (ulong)from.Stride | to.Data | (ulong)to.Stride);
        _copy.Launch(
            queue, PackedRows.Blocks(rows.Capacity, checked((int)(rowBytes / unit))), PackedRows.BlockThreads,
            [(nint)(&from), (nint)(&to), (nint)(&rows), (nint)(&rowBytes), (nint)(&unit)]);
    }

    /// <summary>Zeroes rows; the stride is bytes.</summary>
    public void Zero(CudaQueue queue, RowView to, RowCount rows, long rowBytes)
    {
        int unit = UnitOf((ulong)rowBytes | to.Data | (ulong)to.Stride);
        _zero.Launch(
            queue, PackedRows.Blocks(rows.Capacity, checked((int)(rowBytes / unit))), PackedRows.BlockThreads,
            [(nint)(&to), (nint)(&rows), (nint)(&rowBytes), (nint)(&unit)]);
    }

    /// <summary>The largest power of 2 that divides all of several numbers, at most a pack.</summary>
    private static int UnitOf(ulong bits) => 1 << Math.Min(BitOperations.TrailingZeroCount(bits), BitOperations.Log2(PackedRows.PackBytes));
}
