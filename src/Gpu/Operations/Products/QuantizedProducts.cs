using Actors.Gpu.Driver;
using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Gpu.Operations.Products;

/// <summary>
/// Products of E4M3: large ones by Hopper's tensor cores where the GPU has them, all others in the order of the contract, with the bits of the CPU.
/// </summary>
/// <param name="library">Has the kernels.</param>
internal sealed unsafe class QuantizedProducts(KernelLibrary library)
{
    private const string Source = "product_e4m3";

    /// <summary>Rows and columns of a block. Mirrors <c>part_rows</c> and <c>part_columns</c>.</summary>
    private const int BlockRows = 64, BlockColumns = 64, BlocksOfTile = TileCuts.TileElements / BlockColumns;

    private readonly CudaKernel _forward = library.Kernel(Source, "quantized_linear"), _backwardInput = library.Kernel(Source, "quantized_linear_backward_input");
    private readonly HopperQuantizedProducts? _hopper = HopperQuantizedProducts.Of(library);
    private readonly CudaKernel _backwardWeight = library.Kernel(Source, "quantized_linear_backward_weight");

    /// <summary>Enqueues y = [addend +] x Wᵀ.</summary>
    public void Forward(CudaQueue queue, in QuantizedRows x, in QuantizedBlocks weight, Tensor y, Tensor offsets, Tensor addend)
    {
        ScaledCodes matrices = Matrices(weight) with { BlockScale = weight.Scales.RowStride, TileScale = 1 };
        ScaledProduct product = OfRows(x, matrices, y, offsets, addend, weight.Groups, weight.RowCuts);
        if (_hopper is not null && HopperQuantizedProducts.TakesRows(product))
        {
            _hopper.OfRows(queue, product);
            return;
        }

        OfRows(queue, _forward, product);
    }

    /// <summary>Enqueues dx = [addend +] dy W.</summary>
    public void BackwardInput(CudaQueue queue, in QuantizedRows dy, in QuantizedBlocks weight, Tensor dx, Tensor offsets, Tensor addend)
    {
        ScaledCodes matrices = Matrices(weight) with { BlockScale = 1, TileScale = weight.Scales.RowStride };
        ScaledProduct product = OfRows(dy, matrices, dx, offsets, addend, weight.Groups, weight.ColumnCuts);
        ScaledProduct along = product with { B = matrices with { Codes = RowView.Of(weight.Transposed) } };
        if (_hopper is not null && !weight.Transposed.IsAbsent && HopperQuantizedProducts.TakesRows(along))
        {
            _hopper.OfRows(queue, along);
            return;
        }

        OfRows(queue, _backwardInput, product);
    }

    /// <summary>Enqueues dW = [dW +] dyᵀ x of each group.</summary>
    public void BackwardWeight(CudaQueue queue, in QuantizedTokens dy, in QuantizedTokens x, Tensor dWeight, bool accumulate, Tensor offsets)
    {
        var product = new ScaledProduct
        {
            A = Transposed(dy),
            B = Transposed(x),
            Result = RowView.Of(dWeight),
            Addend = accumulate ? RowView.Of(dWeight) : default,
            Offsets = RowView.AddressOf(offsets),
            Groups = offsets.IsAbsent ? 1 : offsets.Columns - 1,
            Rows = dy.Rows,
            Outputs = dy.Columns,
            Columns = new TileCuts(x.Columns),
            ResultIsFloat32 = 1,
        };
        if (_hopper is not null && HopperQuantizedProducts.TakesSums(product))
        {
            _hopper.OverRows(queue, product, dy.Codes.Columns);
            return;
        }

        _backwardWeight.Launch(
            queue, new LaunchGrid(product.Columns.Count * BlocksOfTile, LaunchGrid.Covering(product.Outputs, BlockRows), product.Groups), PackedRows.BlockThreads,
            [(nint)(&product)]);
    }

    private static ScaledCodes Matrices(in QuantizedBlocks weight) => new()
    {
        Codes = RowView.Of(weight.Codes),
        Scales = RowView.AddressOf(weight.Scales),
        TileScale = 0,
        MatrixCodes = (long)weight.Outputs * weight.Codes.RowStride,
        MatrixScales = (long)weight.RowCuts.Count * weight.Scales.RowStride,
    };

    private static ScaledCodes Transposed(in QuantizedTokens tokens) => new()
    {
        Codes = RowView.Of(tokens.Codes),
        Scales = RowView.AddressOf(tokens.Scales),
        ElementScale = 1,
        TileScale = tokens.Scales.RowStride,
    };

    private static ScaledProduct OfRows(
        in QuantizedRows rows, ScaledCodes matrices, Tensor result, Tensor offsets, Tensor addend, int groups, TileCuts columns) => new()
        {
            A = new ScaledCodes
            {
                Codes = RowView.Of(rows.Codes),
                Scales = RowView.AddressOf(rows.Scales),
                ElementScale = rows.Scales.RowStride,
                TileScale = 1,
            },
            B = matrices,
            Result = RowView.Of(result),
            Addend = RowView.Of(addend),
            Offsets = RowView.AddressOf(offsets),
            Groups = groups,
            Rows = result.Rows,
            Columns = columns,
            Depth = rows.Cuts,
            ResultIsFloat32 = result.Type == ElementType.Float32 ? 1 : 0,
        };

    private static void OfRows(CudaQueue queue, CudaKernel kernel, ScaledProduct product)
    {
        int places = product.Offsets == 0 ? LaunchGrid.Covering(product.Rows, BlockRows) : checked((product.Rows / BlockRows) + product.Groups);
        kernel.Launch(queue, new LaunchGrid(product.Columns.Count * BlocksOfTile, places), PackedRows.BlockThreads, [(nint)(&product)]);
    }
}
