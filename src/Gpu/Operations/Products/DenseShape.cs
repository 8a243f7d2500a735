namespace Actors.Gpu.Operations.Products;

/// <summary>What an algorithm of a dense product depends on.</summary>
/// <param name="Form">Which product.</param>
/// <param name="Rows">Rows of the result.</param>
/// <param name="Columns">Columns of the result.</param>
/// <param name="Depth">Elements of a sum.</param>
/// <param name="AStride">Elements from row to row of the left operand.</param>
/// <param name="BStride">Of the right operand.</param>
/// <param name="ResultStride">Of the result.</param>
/// <param name="AddendStride">Of the addend; 0: there is none.</param>
/// <param name="ResultIsFloat32">Whether the result is float32, else bfloat16.</param>
internal readonly record struct DenseShape(
    ProductForm Form, int Rows, int Columns, int Depth, long AStride, long BStride, long ResultStride, long AddendStride, bool ResultIsFloat32)
{
    /// <summary>Bytes at whose multiples all rows begin.</summary>
    public const int Alignment = 16;

    /// <summary>The shape of a product.</summary>
    public static DenseShape Of(ProductForm form, Product product) => new(
        form, product.Rows, product.Columns, product.Depth, product.A.Stride, product.B.Stride, product.Result.Stride,
        product.Addend.Data == 0 ? 0 : product.Addend.Stride, product.ResultIsFloat32 != 0);

    /// <summary>Whether rows lie so that a library can take them.</summary>
    public static bool IsAligned(Product product)
    {
        int bytes = product.ResultIsFloat32 != 0 ? sizeof(float) : sizeof(ushort);
        return IsAligned(product.A, sizeof(ushort)) && IsAligned(product.B, sizeof(ushort)) && IsAligned(product.Result, bytes) && IsAligned(product.Addend, bytes);
    }

    private static bool IsAligned(RowView rows, int bytes) => rows.Data % Alignment == 0 && rows.Stride * bytes % Alignment == 0;
}
