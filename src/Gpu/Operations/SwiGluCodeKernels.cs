using Actors.Gpu.Driver;
using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Gpu.Operations;

/// <summary>SwiGLU and its backward with codes before and behind them, rows of one type.</summary>
/// <param name="library">Has the kernels.</param>
/// <param name="type">How rows are stored that are not quantized.</param>
internal sealed unsafe class SwiGluCodeKernels(KernelLibrary library, ElementType type)
{
    /// <summary>Pairs of tiles of a block. Mirrors swiglu_codes.cu: eight threads have one.</summary>
    private const int BlockPairs = PackedRows.BlockThreads / 8;

    private readonly CudaKernel _forward = library.Kernel("swiglu_codes", type), _backward = library.Kernel("swiglu_codes", type, "swiglu_backward_codes");

    /// <summary>Codes of gate and up, where they are wanted, and of the activation.</summary>
    /// <returns>False: a thread cannot move eight neighbours at once, and nothing was enqueued.</returns>
    public bool TryForward(CudaQueue queue, Tensor gateUp, in QuantizedRows gateUpCodes, in QuantizedRows activatedCodes, RowCount rows)
    {
        RowView from = RowView.Of(gateUp), kept = RowView.Of(gateUpCodes.Codes), keptScales = RowView.Of(gateUpCodes.Scales);
        RowView codes = RowView.Of(activatedCodes.Codes), scales = RowView.Of(activatedCodes.Scales);
        int columns = activatedCodes.Cuts.Length;
        bool areCutAlike = activatedCodes.Cuts == new TileCuts(columns) && (gateUpCodes.Codes.IsAbsent || gateUpCodes.Cuts == new TileCuts(2 * columns, columns));
        const int PartElements = QuantizeKernels.PartElements;
        bool isPacked = columns % PartElements == 0 && QuantizeKernels.IsPacked(PartElements, from, type)
            && QuantizeKernels.IsPacked(PartElements, kept, ElementType.E4M3) && QuantizeKernels.IsPacked(PartElements, codes, ElementType.E4M3);
        if (!areCutAlike || !isPacked)
        {
            return false;
        }

        long pairs = (long)rows.Capacity * activatedCodes.Cuts.Count;
        _forward.Launch(
            queue, pairs == 0 ? 0 : PackedRows.Blocks(library.Context, LaunchGrid.Covering(pairs, BlockPairs)), PackedRows.BlockThreads,
            [(nint)(&from), (nint)(&kept), (nint)(&keptScales), (nint)(&codes), (nint)(&scales), (nint)(&rows), (nint)(&columns)]);
        return true;
    }

    /// <summary>The gradient of gate and up from their codes, and its codes; dy becomes the weighted activation.</summary>
    /// <returns>False: a thread cannot move as many codes at once as a pack has elements, and nothing was enqueued.</returns>
    public bool TryBackward(
        CudaQueue queue, in QuantizedRows gateUpCodes, Tensor dy, nuint weights, Tensor dGateUp, in QuantizedRows dGateUpCodes, nuint dWeights, RowCount rows)
    {
        RowView from = RowView.Of(gateUpCodes.Codes), fromScales = RowView.Of(gateUpCodes.Scales), gradient = RowView.Of(dy), to = RowView.Of(dGateUp);
        RowView codes = RowView.Of(dGateUpCodes.Codes), scales = RowView.Of(dGateUpCodes.Scales);
        int columns = dy.Columns;
        var cuts = new TileCuts(2 * columns, columns);
        if (gateUpCodes.Cuts != cuts || dGateUpCodes.Cuts != cuts || !PackedRows.Fit(type, columns, gradient, to) || !AreAligned(from) || !AreAligned(codes))
        {
            return false;
        }

        bool isWarp = ElementwiseKernels.HasWarpForRow(columns);
        _backward.Launch(
            queue, PackedRows.RowBlocks(rows.Capacity, isWarp), PackedRows.BlockThreads,
            [
                (nint)(&from), (nint)(&fromScales), (nint)(&gradient), (nint)(&weights), (nint)(&to), (nint)(&codes), (nint)(&scales), (nint)(&dWeights),
                (nint)(&rows), (nint)(&columns), (nint)(&isWarp),
            ]);
        return true;
    }

    /// <summary>Whether the codes of a pack's elements lie at a multiple of their bytes.</summary>
    private bool AreAligned(RowView codes) => codes.Data % (nuint)PackedRows.Elements(type) == 0 && codes.Stride % PackedRows.Elements(type) == 0;
}
