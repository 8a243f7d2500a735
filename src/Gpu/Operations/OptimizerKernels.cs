using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>What ends a step on a GPU: the gradient's norm and AdamW.</summary>
/// <param name="library">Has the kernels.</param>
internal sealed unsafe class OptimizerKernels(KernelLibrary library)
{
    /// <summary>Numbers of a block that sums squares. Mirrors sum_of_squares.cu.</summary>
    private const int SliceNumbers = 1 << 15;

    private readonly CudaKernel _slices = library.Kernel("sum_of_squares", "sum_of_squares_slices"), _total = library.Kernel("sum_of_squares", "sum_of_squares_total");
    private readonly CudaKernel _adamW = library.Kernel("adamw", "adamw"), _adamWRoundedMoments = library.Kernel("adamw", "adamw_rounded_moments");

    /// <summary>Bytes of scratch that the sum of squares needs.</summary>
    public static long SumBytes(long count) => (long)Slices(count) * sizeof(double);

    /// <summary>Σ x² in float64.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="x">Address of float32 (count).</param>
    /// <param name="count">How many.</param>
    /// <param name="sum">Address of a float64.</param>
    /// <param name="scratch">Address of <see cref="SumBytes"/>.</param>
    public void SumOfSquares(CudaQueue queue, nuint x, long count, nuint sum, nuint scratch)
    {
        bool isPacked = x % PackedRows.PackBytes == 0;
        int slices = Slices(count);
        _slices.Launch(queue, slices, PackedRows.BlockThreads, [(nint)(&x), (nint)(&count), (nint)(&scratch), (nint)(&isPacked)]);
        _total.Launch(queue, 1, PackedRows.BlockThreads, [(nint)(&scratch), (nint)(&slices), (nint)(&sum)]);
    }

    /// <summary>
    /// One AdamW step on float32 (count) at four addresses, both moments in float32 or bfloat16; the values are also written in bfloat16 at <paramref name="rounded"/>, 0:
    /// nowhere.
    /// </summary>
    public void AdamW(
        CudaQueue queue, nuint values, nuint gradient, nuint first, nuint second, nuint rounded, long count, AdamWFactors factors, ElementType moments = ElementType.Float32)
    {
        bool isPacked = (values | gradient | first | second | rounded) % PackedRows.PackBytes == 0;
        long units = isPacked ? (count + 3) / 4 : count;
        int blocks = Math.Min(LaunchGrid.Covering(units, PackedRows.BlockThreads), PackedRows.MostBlocks);
        (moments == ElementType.BFloat16 ? _adamWRoundedMoments : _adamW).Launch(
            queue, blocks, PackedRows.BlockThreads,
            [(nint)(&values), (nint)(&gradient), (nint)(&first), (nint)(&second), (nint)(&rounded), (nint)(&count), (nint)(&factors), (nint)(&isPacked)]);
    }

    private static int Slices(long count) => LaunchGrid.Covering(count, SliceNumbers);
}
