using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>Sums and SwiGLU on a GPU, rows of one type.</summary>
/// <param name="library">Has the kernels.</param>
/// <param name="type">How rows are stored.</param>
internal sealed unsafe class ElementwiseKernels(KernelLibrary library, ElementType type)
{
    /// <summary>Up to so many columns a warp has a row, beyond a block.</summary>
    private const int MostWarpColumns = 1024;

    private readonly CudaKernel _add = library.Kernel("add", type), _addThree = library.Kernel("add", type, "add_three");
    private readonly CudaKernel _swiGlu = library.Kernel("swiglu", type), _swiGluBackward = library.Kernel("swiglu", type, "swiglu_backward");

    /// <summary>Whether the backward of a SwiGLU sums a row of so many columns with a warp, else with a block.</summary>
    public static bool HasWarpForRow(int columns) => columns <= MostWarpColumns;

    /// <summary>sum = a + b, (rows, columns); sum may be a or b.</summary>
    public void Add(CudaQueue queue, RowView a, RowView b, RowView sum, RowCount rows, int columns)
    {
        bool isPacked = PackedRows.Fit(type, columns, a, b, sum);
        _add.Launch(
            queue, PackedRows.Blocks(rows.Capacity, PackedRows.Units(type, columns, isPacked)), PackedRows.BlockThreads,
            [(nint)(&a), (nint)(&b), (nint)(&sum), (nint)(&rows), (nint)(&columns), (nint)(&isPacked)]);
    }

    /// <summary>sum = a + (b + c), (rows, columns); sum may be any of them.</summary>
    public void Add(CudaQueue queue, RowView a, RowView b, RowView c, RowView sum, RowCount rows, int columns)
    {
        bool isPacked = PackedRows.Fit(type, columns, a, b, c, sum);
        _addThree.Launch(
            queue, PackedRows.Blocks(rows.Capacity, PackedRows.Units(type, columns, isPacked)), PackedRows.BlockThreads,
            [(nint)(&a), (nint)(&b), (nint)(&c), (nint)(&sum), (nint)(&rows), (nint)(&columns), (nint)(&isPacked)]);
    }

    /// <summary>y (rows, columns) = silu(gate) · up, with gateUp (rows, 2 · columns) holding gate then up.</summary>
    public void SwiGlu(CudaQueue queue, RowView gateUp, RowView y, RowCount rows, int columns)
    {
        bool isPacked = PackedRows.Fit(type, columns, gateUp, y);
        _swiGlu.Launch(
            queue, PackedRows.Blocks(rows.Capacity, PackedRows.Units(type, columns, isPacked)), PackedRows.BlockThreads,
            [(nint)(&gateUp), (nint)(&y), (nint)(&rows), (nint)(&columns), (nint)(&isPacked)]);
    }

    /// <summary>Gradient of a weighted SwiGLU, as <see cref="Tensors.Operations.IElementwiseOperations.SwiGluBackward"/> says.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="gateUp">(rows, 2 · columns).</param>
    /// <param name="dy">(rows, columns).</param>
    /// <param name="weights">Address of float32 (rows); 0: all are 1.</param>
    /// <param name="dGateUp">(rows, 2 · columns); may be <paramref name="gateUp"/>.</param>
    /// <param name="weighted">(rows, columns); may be <paramref name="dy"/>.</param>
    /// <param name="dWeights">Address of float32 (rows); 0: not wanted.</param>
    /// <param name="rows">How many.</param>
    /// <param name="columns">Columns of the gate.</param>
    public void SwiGluBackward(
        CudaQueue queue, RowView gateUp, RowView dy, nuint weights, RowView dGateUp, RowView weighted, nuint dWeights, RowCount rows, int columns)
    {
        bool isPacked = PackedRows.Fit(type, columns, gateUp, dy, dGateUp, weighted);
        bool isWarp = HasWarpForRow(columns);
        _swiGluBackward.Launch(
            queue, PackedRows.RowBlocks(rows.Capacity, isWarp), PackedRows.BlockThreads,
            [
                (nint)(&gateUp), (nint)(&dy), (nint)(&weights), (nint)(&dGateUp), (nint)(&weighted), (nint)(&dWeights), (nint)(&rows), (nint)(&columns),
                (nint)(&isPacked), (nint)(&isWarp),
            ]);
    }
}
