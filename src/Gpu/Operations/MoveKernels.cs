using System.Numerics;
using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>Moves, zeroes and converts rows.</summary>
/// <param name="library">Has the kernels.</param>
internal sealed unsafe class MoveKernels(KernelLibrary library)
{
    /// <summary>Bytes of x that stay in the L2 cache while rows of several times as many bytes are written.</summary>
    private const long KeptBytes = 8 << 20;

    /// <summary>A piece of a row is no smaller, so that what is read and written at once is a run of whole lines.</summary>
    private const int LeastPieceBytes = 1 << 10;

    private readonly CudaKernel _move = library.Kernel("move_rows", "move_rows");
    private readonly CudaKernel _toBFloat16 = library.Kernel("convert_rows", "convert_rows_to_bfloat16"), _toFloat32 = library.Kernel("convert_rows", "convert_rows_to_float32");

    /// <summary>y = x, of one type.</summary>
    public void Copy(CudaQueue queue, Tensor x, Tensor y) => Move(queue, x, from: 0, to: 0, y, new RowCount(0, x.Rows));

    /// <summary>y = 0.</summary>
    public void Zero(CudaQueue queue, Tensor y) => Move(queue, x: default, from: 0, to: 0, y, new RowCount(0, y.Rows));

    /// <summary>y[to[i]] = x[from[i]]; nothing where to[i] is below 0, zeros where from[i] is, or x is absent.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="x">(any, columns).</param>
    /// <param name="from">Address of int32 (count); 0: one after the other.</param>
    /// <param name="to">Address of int32 (count); 0: one after the other.</param>
    /// <param name="y">(any, columns), of x's type.</param>
    /// <param name="count">Rows to move.</param>
    public void Move(CudaQueue queue, Tensor x, nuint from, nuint to, Tensor y, RowCount count)
    {
        if (count.Capacity == 0 || y.Columns == 0)
        {
            return;
        }

        RowView source = BytesOf(x), destination = BytesOf(y);
        long rowBytes = (long)y.Columns * y.Type.SizeInBytes();
        int unit = UnitOf((ulong)rowBytes | source.Data | (ulong)source.Stride | destination.Data | (ulong)destination.Stride);
        long pieceBytes = from != 0 && count.Capacity > x.Rows ? PieceBytes(x.Rows, rowBytes) : rowBytes;
        int pieceUnits = LaunchGrid.Covering(pieceBytes, unit);
        RowThreads share = RowThreads.ForUnits(count.Capacity, pieceUnits);
        int shift = share.Shift;
        _move.Launch(
            queue, new LaunchGrid(share.Blocks, LaunchGrid.Covering(rowBytes, pieceBytes)), PackedRows.BlockThreads,
            [
                (nint)(&source), (nint)(&from), (nint)(&to), (nint)(&destination), (nint)(&count), (nint)(&rowBytes), (nint)(&unit), (nint)(&pieceUnits), (nint)(&shift),
            ]);
    }

    /// <summary>
    /// How much of each row is moved before the rest, where rows are taken several times: the pieces of all rows of x stay in the L2 cache, so that memory is read once.
    /// A multiple of a line of 128 bytes, or the whole row.
    /// </summary>
    internal static long PieceBytes(int rows, long rowBytes)
    {
        const int Line = 128;
        long most = Math.Max(KeptBytes / Math.Max(rows, 1), LeastPieceBytes), pieces = LaunchGrid.Covering(rowBytes, most);
        return Math.Min(rowBytes, (long)LaunchGrid.Covering(LaunchGrid.Covering(rowBytes, pieces), Line) * Line);
    }

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

    /// <summary>Rows with a stride of bytes: of a single row, which has no next, none.</summary>
    internal static RowView BytesOf(Tensor x) => new(RowView.AddressOf(x), x.Rows > 1 ? (long)x.RowStride * x.Type.SizeInBytes() : 0);

    /// <summary>The largest power of 2 that divides all of several numbers, at most a pack.</summary>
    internal static int UnitOf(ulong bits) => 1 << Math.Min(BitOperations.TrailingZeroCount(bits), BitOperations.Log2(PackedRows.PackBytes));
}
