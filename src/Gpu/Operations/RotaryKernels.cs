using System.Runtime.InteropServices;
using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>Rotary embedding on a GPU, rows of one type, tables in float32.</summary>
/// <param name="library">Has the kernels.</param>
/// <param name="type">How rows are stored.</param>
internal sealed unsafe class RotaryKernels(KernelLibrary library, ElementType type)
{
    private readonly CudaKernel _rope = library.Kernel("rope", type);

    /// <summary>Rotates the last 2 · pairs elements of each head.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="x">(rows, heads · headColumns), rotated in place.</param>
    /// <param name="tables">Cosines and sines (any, pairs), and which row of them a row takes.</param>
    /// <param name="rows">How many.</param>
    /// <param name="heads">Heads of a row.</param>
    /// <param name="headColumns">Elements of a head.</param>
    /// <param name="pairs">Pairs of a head that are rotated.</param>
    public void Rope(CudaQueue queue, RowView x, RotaryTables tables, RowCount rows, int heads, int headColumns, int pairs)
    {
        int pack = PackedRows.Elements(type);
        bool isPacked = PackedRows.IsAligned(x, type) && headColumns % pack == 0 && 2 * pairs % pack == 0;
        int packed = isPacked ? 1 : 0;
        long threads = (long)rows.Capacity * heads * (isPacked ? 2 * pairs / pack : pairs);
        _rope.Launch(
            queue, PackedRows.Blocks(library.Context, LaunchGrid.Covering(threads, PackedRows.BlockThreads)), PackedRows.BlockThreads,
            [(nint)(&x), (nint)(&tables), (nint)(&rows), (nint)(&heads), (nint)(&headColumns), (nint)(&pairs), (nint)(&packed)]);
    }
}

/// <summary>Tables of a rotation. Mirrors <c>rope_tables</c> of rope.cu.</summary>
/// <param name="Positions">Address of int32 (rows): row of the tables.</param>
/// <param name="Cos">Float32 (any, pairs).</param>
/// <param name="Sin">Float32 (any, pairs).</param>
/// <param name="Sign">1, or −1 to rotate back.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RotaryTables(nuint Positions, RowView Cos, RowView Sin, float Sign);
