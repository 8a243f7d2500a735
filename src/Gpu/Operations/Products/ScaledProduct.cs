using System.Runtime.InteropServices;
using Actors.Tensors.Quantized;

namespace Actors.Gpu.Operations.Products;

/// <summary>A product of E4M3 as kernels take it. Mirrors <c>scaled_product</c> of scaled_product.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ScaledProduct
{
    /// <summary>Left operand.</summary>
    public required ScaledCodes A { get; init; }

    /// <summary>Right operand.</summary>
    public required ScaledCodes B { get; init; }

    /// <summary>(rows, columns), or (outputs, columns) of each group, one after the other.</summary>
    public required RowView Result { get; init; }

    /// <summary>Added to the product; at address 0: none. It may be the result.</summary>
    public RowView Addend { get; init; }

    /// <summary>Address of int32 (Groups + 1): where the rows of a group begin; 0: one group of all rows.</summary>
    public nuint Offsets { get; init; }

    /// <summary>Groups.</summary>
    public required int Groups { get; init; }

    /// <summary>Rows of all groups.</summary>
    public required int Rows { get; init; }

    /// <summary>Rows of a group's result where rows are summed over.</summary>
    public int Outputs { get; init; }

    /// <summary>How the result's columns are cut.</summary>
    public required TileCuts Columns { get; init; }

    /// <summary>How the sum is cut; where rows are summed over the groups say it.</summary>
    public TileCuts Depth { get; init; }

    /// <summary>1: the result is float32; 0: bfloat16.</summary>
    public required int ResultIsFloat32 { get; init; }
}
