using System.Runtime.InteropServices;
using Actors.Gpu.Operations;
using Actors.Gpu.Operations.Products;
using Actors.Tensors.Quantized;

namespace Actors.Gpu.Tests.Operations.Products;

/// <summary>How products of E4M3 are handed to kernels, and which of them tensor cores take.</summary>
public sealed class QuantizedProductsTests
{
    [Fact]
    public void A_product_is_as_wide_as_kernels_take_it()
    {
        Assert.Equal(64, Marshal.SizeOf<ScaledCodes>());
        Assert.Equal(200, Marshal.SizeOf<ScaledProduct>());
        Assert.Equal(168, (int)Marshal.OffsetOf<ScaledProduct>("<Groups>k__BackingField"));
        Assert.Equal(196, (int)Marshal.OffsetOf<ScaledProduct>("<ResultIsFloat32>k__BackingField"));
    }

    [Fact]
    public void Tensor_cores_take_large_products_of_aligned_codes()
    {
        ScaledProduct product = Of(new TileCuts(512));
        Assert.True(HopperQuantizedProducts.TakesRows(product));
        Assert.True(HopperQuantizedProducts.TakesSums(product));
        Assert.False(HopperQuantizedProducts.TakesRows(product with { A = At(8) }));
        Assert.False(HopperQuantizedProducts.TakesRows(product with { B = At(0) with { Codes = new RowView(0, 520) } }));
        Assert.False(HopperQuantizedProducts.TakesRows(product with { Rows = 191 }));
        Assert.False(HopperQuantizedProducts.TakesSums(product with { Outputs = 64 }));

        // Where rows are summed over, scales are copied 16 bytes at a time too.
        Assert.False(HopperQuantizedProducts.TakesSums(product with { B = product.B with { Scales = 4 } }));
        Assert.False(HopperQuantizedProducts.TakesSums(product with { A = product.A with { TileScale = 202 } }));
        Assert.False(HopperQuantizedProducts.TakesSums(product with { Columns = new TileCuts(202) }));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(128, true)]
    [InlineData(384, true)]
    [InlineData(100, false)]
    public void A_second_part_of_the_sum_begins_where_a_tile_of_the_first_does(int second, bool takes) =>
        Assert.Equal(takes, HopperQuantizedProducts.TakesRows(Of(new TileCuts(512, second))));

    private static ScaledProduct Of(TileCuts depth) => new()
    {
        A = At(256),
        B = At(4096),
        Result = default,
        Groups = 3,
        Rows = 192,
        Outputs = 200,
        Columns = new TileCuts(200),
        Depth = depth,
        ResultIsFloat32 = 1,
    };

    private static ScaledCodes At(nuint address) => new() { Codes = new RowView(address, 512), Scales = 0, TileScale = 200 };
}
