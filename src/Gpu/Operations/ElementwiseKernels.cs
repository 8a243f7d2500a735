using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>Sums and SwiGLU on a GPU, rows of one type.</summary>
/// <param name="library">Has the kernels.</param>
/// <param name="type">How rows are stored.</param>
internal sealed unsafe class ElementwiseKernels(KernelLibrary library, ElementType type)
{
    private readonly CudaKernel _add = library.Kernel("add", type), _swiGlu = library.Kernel("swiglu", type);

    /// <summary>sum = a + b, (rows, columns); sum may be a or b.</summary>
    public void Add(CudaQueue queue, RowView a, RowView b, RowView sum, RowCount rows, int columns)
    {
        PackedRows.Check("Add", type, columns, a, b, sum);
        _add.Launch(
            queue, PackedRows.Blocks(library.Context, rows.Capacity, columns, type), PackedRows.BlockThreads,
            [(nint)(&a), (nint)(&b), (nint)(&sum), (nint)(&rows), (nint)(&columns)]);
    }

    /// <summary>y (rows, columns) = silu(gate) · up, with gateUp (rows, 2 · columns) holding gate then up.</summary>
    public void SwiGlu(CudaQueue queue, RowView gateUp, RowView y, RowCount rows, int columns)
    {
        PackedRows.Check("SwiGlu", type, columns, gateUp, y);
        _swiGlu.Launch(
            queue, PackedRows.Blocks(library.Context, rows.Capacity, columns, type), PackedRows.BlockThreads,
            [(nint)(&gateUp), (nint)(&y), (nint)(&rows), (nint)(&columns)]);
    }
}
