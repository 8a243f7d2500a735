using System.Runtime.InteropServices;

namespace Actors.Gpu.Operations.Products;

/// <summary>A product as kernels take it. Mirrors <c>product</c> of product.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct Product
{
    /// <summary>Left operand: the rows of the result, or what is summed over.</summary>
    public required RowView A { get; init; }

    /// <summary>Right operand: matrices one after the other, or rows that are summed over.</summary>
    public required RowView B { get; init; }

    /// <summary>(Rows, Columns), or such matrices one after the other.</summary>
    public required RowView Result { get; init; }

    /// <summary>Added to the product; at address 0: none. It may be the result.</summary>
    public RowView Addend { get; init; }

    /// <summary>Address of int32 (Groups + 1): where the rows of a group begin; 0: one group of all rows.</summary>
    public nuint Offsets { get; init; }

    /// <summary>Matrices.</summary>
    public required int Groups { get; init; }

    /// <summary>Rows of the result: of all groups, but of one matrix where rows are summed over.</summary>
    public required int Rows { get; init; }

    /// <summary>Columns of the result.</summary>
    public required int Columns { get; init; }

    /// <summary>Elements of a sum; where rows are summed over, those of all groups.</summary>
    public required int Depth { get; init; }

    /// <summary>1: the result is float32; 0: it is stored as the operands.</summary>
    public required int ResultIsFloat32 { get; init; }
}
