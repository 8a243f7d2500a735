using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>Root-mean-square normalization on a GPU, rows of one type, statistics and weights in float32.</summary>
/// <param name="library">Has the kernels.</param>
/// <param name="type">How rows are stored.</param>
internal sealed unsafe class NormKernels(KernelLibrary library, ElementType type)
{
    /// <summary>Up to so many columns a warp has a row, beyond a block.</summary>
    private const int MostWarpColumns = 1024;

    /// <summary>Columns of a thread and most threads of a block, of the backward. Mirrors rms_norm_backward.cu.</summary>
    private const int OwnedColumns = 8, MostThreads = 896;

    /// <summary>Blocks of that many threads or less have short groups of rows, so that there are enough of them to fill the GPU.</summary>
    private const int FewThreads = 256, ShortGroup = 8, LongGroup = 16;

    private const int MostGroups = 1024, SumColumns = 32, SumThreads = 1024;

    private readonly CudaKernel _norm = library.Kernel("rms_norm", type), _backward = library.Kernel("rms_norm_backward", type);
    private readonly CudaKernel _sum = library.Kernel("rms_norm_backward", "rms_norm_backward_sum");

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
        bool isPacked = PackedRows.Fit(type, columns, x, y, new RowView(weight, 0));
        bool isWarp = columns <= MostWarpColumns;
        _norm.Launch(
            queue, PackedRows.RowBlocks(rows.Capacity, isWarp), PackedRows.BlockThreads,
            [
                (nint)(&x), (nint)(&weight), (nint)(&epsilon), (nint)(&y), (nint)(&rstd), (nint)(&rows), (nint)(&columns), (nint)(&isPacked),
                (nint)(&isWarp),
            ]);
    }

    /// <summary>Bytes of scratch that the backward needs.</summary>
    public static long BackwardBytes(int rows, int columns) => (long)GroupsOf(rows, columns).Groups * columns * sizeof(float);

    /// <summary>dx = addend + rstd · (dy · weight − x · rstd² · mean(dy · weight · x)), dWeight += Σ over rows of dy · x · rstd.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="dy">(rows, columns).</param>
    /// <param name="x">(rows, columns).</param>
    /// <param name="weight">Address of float32 (columns).</param>
    /// <param name="rstd">Address of float32 (rows).</param>
    /// <param name="dx">(rows, columns); may be <paramref name="dy"/>.</param>
    /// <param name="dWeight">Address of float32 (columns), added to.</param>
    /// <param name="addend">(rows, columns), or at address 0; may be <paramref name="dx"/>.</param>
    /// <param name="scratch">Address of <see cref="BackwardBytes"/>, a multiple of 16.</param>
    /// <param name="rows">How many.</param>
    /// <param name="columns">Elements of a row.</param>
    public void RmsNormBackward(
        CudaQueue queue, RowView dy, RowView x, nuint weight, nuint rstd, RowView dx, nuint dWeight, RowView addend, nuint scratch, RowCount rows, int columns)
    {
        bool isPacked = PackedRows.Fit(type, columns, dy, x, dx, addend, new RowView(weight, 0));
        (int threads, int groupRows, int groups) = GroupsOf(rows.Capacity, columns);
        _backward.Launch(
            queue, groups, threads,
            [
                (nint)(&dy), (nint)(&x), (nint)(&weight), (nint)(&rstd), (nint)(&dx), (nint)(&addend), (nint)(&scratch), (nint)(&rows), (nint)(&columns),
                (nint)(&groupRows), (nint)(&isPacked),
            ]);
        _sum.Launch(
            queue, LaunchGrid.Covering(columns, SumColumns), SumThreads, [(nint)(&scratch), (nint)(&groups), (nint)(&dWeight), (nint)(&columns)]);
    }

    /// <summary>How rows are cut into groups, a block each: by the shape alone, so that sums have one order on every GPU.</summary>
    private static (int Threads, int GroupRows, int Groups) GroupsOf(int rows, int columns)
    {
        const int WarpColumns = OwnedColumns * PackedRows.WarpThreads;
        int threads = (int)Math.Clamp((long)LaunchGrid.Covering(columns, WarpColumns) * PackedRows.WarpThreads, PackedRows.WarpThreads, MostThreads);
        int most = LaunchGrid.Covering(rows, MostGroups);
        int groupRows = Math.Max(threads <= FewThreads ? ShortGroup : LongGroup, most);
        return (threads, groupRows, LaunchGrid.Covering(rows, groupRows));
    }
}
