using System.Runtime.InteropServices;
using Actors.Gpu.Operations;
using Actors.Gpu.Operations.Products;

namespace Actors.Gpu.Tests.Operations.Products;

/// <summary>How cuBLASLt's structures lie, and what tells one of its algorithms from another.</summary>
public sealed class CublasLtTests
{
    [Fact]
    public void Structures_are_as_large_as_the_library_writes_them()
    {
        Assert.Equal(64, Marshal.SizeOf<CublasLt.Algorithm>());
        Assert.Equal(96, Marshal.SizeOf<CublasLt.Choice>());
        Assert.Equal(72, (int)Marshal.OffsetOf<CublasLt.Choice>(nameof(CublasLt.Choice.Status)));
    }

    [Fact]
    public void An_addend_has_an_algorithm_of_its_own()
    {
        var product = new Product
        {
            A = new RowView(16, 64),
            B = new RowView(16, 64),
            Result = new RowView(16, 32),
            Groups = 1,
            Rows = 8,
            Columns = 32,
            Depth = 64,
            ResultIsFloat32 = 0,
        };

        Assert.NotEqual(DenseShape.Of(ProductForm.Forward, product), DenseShape.Of(ProductForm.Forward, product with { Addend = product.Result }));
        Assert.Equal(DenseShape.Of(ProductForm.Forward, product), DenseShape.Of(ProductForm.Forward, product with { A = new RowView(32, 64) }));
        Assert.NotEqual(DenseShape.Of(ProductForm.Forward, product), DenseShape.Of(ProductForm.BackwardInput, product));
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(2, false)]
    public void A_result_of_float32_is_aligned_by_its_own_width(int stride, bool isAligned) =>
        Assert.Equal(isAligned, DenseShape.IsAligned(new Product
        {
            A = new RowView(16, 8),
            B = new RowView(16, 8),
            Result = new RowView(16, stride),
            Groups = 1,
            Rows = 1,
            Columns = 1,
            Depth = 1,
            ResultIsFloat32 = 1,
        }));
}
