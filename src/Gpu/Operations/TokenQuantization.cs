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

    /// <summary>Blocks that a multiprocessor has room for, mirrors requantize_transposed.cu; and how many follow each other there, so that all end at about the same time.</summary>
    private const int ResidentBlocks = 4, Waves = 3;

    /// <summary>Blocks of a transposition, each of which takes some places of tiles one after the other.</summary>
    public static LaunchGrid GridOf(CudaContext context, in QuantizedTokens y)
    {
        int strips = LaunchGrid.Covering(y.Columns, BlockColumns), places = y.Scales.Rows;
        return strips == 0 ? 0 : new LaunchGrid(strips, Math.Min(places, Math.Max(context.Device.Multiprocessors * ResidentBlocks * Waves / strips, 1)));
    }

    /// <summary>Whether a thread can store the codes of four tokens at once.</summary>
    public static bool AreWords(RowView codes) => QuantizeKernels.IsPacked(sizeof(uint), codes, ElementType.E4M3);

    /// <summary>y = x transposed, in tiles of the rows of a group.</summary>
    public void Enqueue(CudaQueue queue, in QuantizedRows x, in QuantizedTokens y, ScaleKind kind, Tensor offsets)
    {
        RowView from = RowView.Of(x.Codes), fromScales = RowView.Of(x.Scales), codes = RowView.Of(y.Codes), scales = RowView.Of(y.Scales);
        TileCuts cuts = x.Cuts;
        nuint starts = RowView.AddressOf(offsets);
        int groups = offsets.IsAbsent ? 1 : offsets.Columns - 1, rows = y.Rows, places = y.Scales.Rows, columns = y.Columns;
        bool isPowerOfTwo = kind == ScaleKind.PowerOfTwo;
        const int PartElements = QuantizeKernels.PartElements;
        bool isPacked = QuantizeKernels.IsPacked(PartElements, from, ElementType.E4M3) && (columns | cuts.Second) % PartElements == 0 && AreWords(codes);
        _requantize.Launch(
            queue, GridOf(library.Context, y), PackedRows.BlockThreads,
            [
                (nint)(&from), (nint)(&fromScales), (nint)(&cuts), (nint)(&starts), (nint)(&groups), (nint)(&rows), (nint)(&places), (nint)(&columns), (nint)(&codes),
                (nint)(&scales), (nint)(&isPowerOfTwo), (nint)(&isPacked),
            ]);
    }
}
