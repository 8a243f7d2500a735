using Actors.Gpu.Driver;
using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Gpu.Operations;

/// <summary>Rows of E4M3 transposed and quantized again along the other dimension.</summary>
/// <param name="library">Has the kernel.</param>
internal sealed unsafe class TokenQuantization(KernelLibrary library)
{
    /// <summary>Columns of a block. Mirrors requantize_transposed.cu.</summary>
    private const int BlockColumns = 64;

    private readonly CudaKernel _requantize = library.Kernel("requantize_transposed", "requantize_transposed");

    /// <summary>Blocks of a transposition.</summary>
    public static LaunchGrid GridOf(in QuantizedTokens y) => new(LaunchGrid.Covering(y.Columns, BlockColumns), y.Columns == 0 ? 0 : y.Scales.Rows);

    /// <summary>y = x transposed, in tiles of the rows of a group.</summary>
    public void Enqueue(CudaQueue queue, in QuantizedRows x, in QuantizedTokens y, ScaleKind kind, Tensor offsets)
    {
        RowView from = RowView.Of(x.Codes), fromScales = RowView.Of(x.Scales), codes = RowView.Of(y.Codes), scales = RowView.Of(y.Scales);
        TileCuts cuts = x.Cuts;
        nuint starts = RowView.AddressOf(offsets);
        int groups = offsets.IsAbsent ? 1 : offsets.Columns - 1, rows = y.Rows, columns = y.Columns;
        bool isPowerOfTwo = kind == ScaleKind.PowerOfTwo;
        bool isPacked = QuantizeKernels.IsPacked(from, ElementType.E4M3) && ((uint)columns | (uint)cuts.Second) % QuantizeKernels.LaneElements == 0;
        _requantize.Launch(
            queue, GridOf(y), PackedRows.BlockThreads,
            [
                (nint)(&from), (nint)(&fromScales), (nint)(&cuts), (nint)(&starts), (nint)(&groups), (nint)(&rows), (nint)(&columns), (nint)(&codes), (nint)(&scales),
                (nint)(&isPowerOfTwo), (nint)(&isPacked),
            ]);
    }
}
