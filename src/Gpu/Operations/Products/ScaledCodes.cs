using System.Runtime.InteropServices;

namespace Actors.Gpu.Operations.Products;

/// <summary>An operand in E4M3 as kernels take it. Mirrors <c>scaled_codes</c> of scaled_product.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ScaledCodes
{
    /// <summary>Codes.</summary>
    public required RowView Codes { get; init; }

    /// <summary>Address of the first scale.</summary>
    public required nuint Scales { get; init; }

    /// <summary>Scales from one row of the left operand, or column of the right one, to the next.</summary>
    public long ElementScale { get; init; }

    /// <summary>Scales from a tile of the result's columns to the next.</summary>
    public long BlockScale { get; init; }

    /// <summary>Scales from a tile of the sum to the next.</summary>
    public required long TileScale { get; init; }

    /// <summary>Codes from a group's matrix to the next.</summary>
    public long MatrixCodes { get; init; }

    /// <summary>Scales from a group's matrix to the next.</summary>
    public long MatrixScales { get; init; }
}
