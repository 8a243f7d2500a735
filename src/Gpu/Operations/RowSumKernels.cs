using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>Sums of rows, of one type, in float32 and in order.</summary>
/// <param name="library">Has the kernels.</param>
/// <param name="type">How rows are stored.</param>
internal sealed unsafe class RowSumKernels(KernelLibrary library, ElementType type)
{
    private readonly CudaKernel _packs = library.Kernel("sum_rows", type), _elements = library.Kernel("sum_rows", type, "sum_rows_elements");
    private readonly CudaKernel _parts = library.Kernel("sum_parts", type);

    /// <summary>y[t] = Σ over k in order of weights[t, k] · x[rows[t, k]], where rows[t, k] is 0 or more.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="x">(any, columns).</param>
    /// <param name="rows">Int32 (tokens, K).</param>
    /// <param name="weights">(tokens, K) or absent: 1.</param>
    /// <param name="y">(tokens, columns).</param>
    /// <param name="tokens">How many.</param>
    public void SumRows(CudaQueue queue, Tensor x, Tensor rows, Tensor weights, Tensor y, RowCount tokens)
    {
        int columns = y.Columns, choices = rows.Columns;
        if (tokens.Capacity == 0 || columns == 0)
        {
            return;
        }

        bool isPacked = PackedRows.Fit(type, columns, RowView.Of(y), x.Rows == 0 ? RowView.Of(y) : RowView.Of(x));
        RowView from = x.Rows == 0 ? default : RowView.Of(x), to = RowView.Of(y);
        nuint factors = RowView.AddressOf(weights);
        long factorsStride = weights.RowStride;
        nuint numbers = RowView.AddressOf(rows);
        long numbersStride = rows.RowStride;
        RowThreads share = RowThreads.For(tokens.Capacity, PackedRows.Units(type, columns, isPacked));
        int shift = share.Shift;
        (isPacked ? _packs : _elements).Launch(
            queue, share.Blocks, PackedRows.BlockThreads,
            [
                (nint)(&from), (nint)(&numbers), (nint)(&numbersStride), (nint)(&factors), (nint)(&factorsStride), (nint)(&to), (nint)(&tokens), (nint)(&choices),
                (nint)(&columns), (nint)(&shift),
            ]);
    }

    /// <summary>y[r] = Σ over parts p in order of parts[p][rows[r · count + p]], where that row number is 0 or more.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="parts">Address of <see cref="RowView"/> (count), in the GPU's memory.</param>
    /// <param name="count">Number of parts.</param>
    /// <param name="rows">Address of int32 (rows, count).</param>
    /// <param name="y">(rows, columns).</param>
    /// <param name="isPacked">Whether parts and y can be passed over by packs.</param>
    public void SumParts(CudaQueue queue, nuint parts, int count, nuint rows, Tensor y, bool isPacked)
    {
        int end = y.Rows, units = PackedRows.Units(type, y.Columns, isPacked);
        if (end == 0 || units == 0)
        {
            return;
        }

        RowView to = RowView.Of(y);
        RowThreads share = RowThreads.For(end, units);
        int shift = share.Shift;
        // Where rows are few and long, as many blocks a row as fill the GPU.
        int most = PackedRows.Blocks(library.Context, int.MaxValue);
        int perRow = Math.Clamp(LaunchGrid.Covering(units, PackedRows.Depth << shift), 1, Math.Max(1, most / share.Blocks));
        _parts.Launch(
            queue, new LaunchGrid(share.Blocks, perRow), PackedRows.BlockThreads,
            [(nint)(&parts), (nint)(&count), (nint)(&rows), (nint)(&to), (nint)(&end), (nint)(&units), (nint)(&shift), (nint)(&isPacked)]);
    }
}
