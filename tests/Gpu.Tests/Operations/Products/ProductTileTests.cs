using System.Runtime.InteropServices;
using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.Gpu.Operations.Products;

namespace Actors.Gpu.Tests.Operations.Products;

/// <summary>Which part of a product a block computes, and how many blocks there are.</summary>
public sealed class ProductTileTests
{
    private static readonly ProductTile Tile = new("product", "tile", 64, 32, 128);

    [Fact]
    public void A_product_is_as_wide_as_kernels_take_it()
    {
        Assert.Equal(96, Marshal.SizeOf<Product>());
        Assert.Equal(72, (int)Marshal.OffsetOf<Product>("<Groups>k__BackingField"));
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(64, 32, 1)]
    [InlineData(65, 33, 4)]
    public void Tiles_cover_the_result(int rows, int columns, int blocks) => Assert.Equal(blocks, Tile.GridOfRows(Of(rows, columns, 8)).X);

    [Theory]
    [InlineData(0, 0, 0, 0, 200)]
    [InlineData(0, 1, 65, 66, 200)]
    [InlineData(0, 63, 126, 189, 200)]
    [InlineData(0, 64, 128, 192, 256)]
    public void Every_tile_of_a_group_has_a_place(params int[] offsets)
    {
        int groups = offsets.Length - 1;
        int places = Tile.GridOfRows(Of(offsets[^1], 32, 8, groups)).X;

        // The first place of group g is offsets[g] / rows of a tile + g, in find_row_tile of product.cuh.
        for (int group = 0; group < groups; group++)
        {
            int tiles = (offsets[group + 1] - offsets[group] + Tile.Rows - 1) / Tile.Rows;
            int end = group + 1 == groups ? places : (offsets[group + 1] / Tile.Rows) + group + 1;
            Assert.InRange((offsets[group] / Tile.Rows) + group + tiles, 0, end);
        }
    }

    [Theory]
    [InlineData(64, 32, 255, 1, 1)]
    [InlineData(64, 32, 512, 1, 2)]
    [InlineData(64, 32, 1 << 20, 1, 264)]
    [InlineData(64, 32, 1 << 20, 8, 33)]
    [InlineData(6400, 3200, 1 << 20, 1, 1)]
    public void Sums_over_rows_are_split_where_tiles_are_few(int rows, int columns, int depth, int groups, int splits) =>
        Assert.Equal(splits, Tile.SplitsOverRows(Of(rows, columns, depth, groups)));

    [Theory]
    [InlineData(1, 4096, 1, "low")]
    [InlineData(16, 4096, 1, "low")]
    [InlineData(17, 4096, 1, "small")]
    [InlineData(8192, 1024, 1, "wide")]
    [InlineData(8192, 64, 1, "small")]
    [InlineData(512, 1024, 64, "low")]
    [InlineData(65536, 1024, 64, "wide")]
    public void Float32_takes_the_tile_that_rows_of_a_group_fill(int rows, int columns, int groups, string tile) =>
        Assert.Equal(tile, Float32Products.TileOfRows(Of(rows, columns, 1024, groups)).Name);

    [Theory]
    [InlineData(1, 4096, 1, "low")]
    [InlineData(64, 4096, 1, "small")]
    [InlineData(4096, 4096, 1, "wide")]
    [InlineData(8192, 1024, 1, "wide")]
    [InlineData(4096, 1024, 1, "square")]
    [InlineData(8192, 64, 1, "small")]
    [InlineData(65536, 1024, 64, "wide")]
    [InlineData(65536, 512, 64, "wide")]
    [InlineData(512, 1024, 64, "low")]
    [InlineData(4096, 1024, 64, "small")]
    public void BFloat16_takes_the_tile_that_fills_the_GPU(int rows, int columns, int groups, string tile) =>
        Assert.Equal(tile, BFloat16Products.TileOfRows(Of(rows, columns, 1024, groups), hasWide: true).Name);

    [Theory]
    [InlineData(1024, 1024, 64, "wide")]
    [InlineData(1024, 1024, 1, "square")]
    [InlineData(64, 1024, 1, "small")]
    public void BFloat16_sums_over_rows_in_the_tile_that_fills_the_GPU(int rows, int columns, int groups, string tile) =>
        Assert.Equal(tile, BFloat16Products.TileOverRows(Of(rows, columns, 8192, groups), hasWide: true).Name);

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(2, 0, false)]
    [InlineData(0, 1, false)]
    public void Rows_that_begin_anywhere_take_a_tile_of_their_own(int address, int stride, bool isAligned)
    {
        Product product = Of(8192, 4096, 4096);
        product = product with { A = new RowView(product.A.Data + (nuint)address, product.A.Stride + stride) };

        Assert.Equal(isAligned, BFloat16Products.IsAligned(product));
        Assert.Equal(!isAligned, BFloat16Products.TileOfRows(product, hasWide: true).Name == "unaligned");
        Assert.Equal(!isAligned, BFloat16Products.TileOverRows(product, hasWide: true).Name == "unaligned");
        Assert.Equal(isAligned, DenseShape.IsAligned(product));
    }

    [Theory]
    [InlineData(4096, 4096, 192)]
    [InlineData(4096, 1024, 96)]
    [InlineData(64, 4096, 64)]
    [InlineData(1, 4096, 80)]
    public void A_block_asks_for_the_shared_memory_that_its_kernel_uses(int rows, int columns, int kibibytes) =>
        Assert.Equal(kibibytes * 1024, BFloat16Products.TileOfRows(Of(rows, columns, 1024), hasWide: true).SharedBytes);

    [Theory]
    [InlineData(4096, 4096, 2048, "hopper_wide", 128, 256, (192 * 1024) + (4 * 40))]
    [InlineData(4096, 1024, 2048, "hopper_square", 128, 128, (192 * 1024) + (6 * 40))]
    [InlineData(64, 4096, 1024, "small", 64, 64, 64 * 1024)]
    public void Hopper_has_large_tiles_of_its_own(
        int rows, int columns, int sum, string tile, int tileRows, int tileColumns, int sharedBytes)
    {
        Product product = Of(rows, columns, sum);
        ProductTile own = BFloat16Products.OnHopper(BFloat16Products.TileOfRows(product, hasWide: true), product);

        Assert.Equal((tile, tileRows, tileColumns, sharedBytes), (own.Name, own.Rows, own.Columns, own.SharedBytes));
    }

    [Fact]
    public void Operands_without_elements_are_not_described_to_Hopper()
    {
        Product product = Of(1024, 1024, depth: 0, groups: 64);

        Assert.False(BFloat16Products.OnHopper(BFloat16Products.TileOverRows(product, hasWide: true), product).IsOfHopper);
    }

    [Fact]
    public void A_map_of_an_operand_is_as_large_as_the_driver_writes_it() => Assert.Equal(128, Marshal.SizeOf<TensorMap>());

    [Fact]
    public void A_GPU_with_little_shared_memory_takes_the_next_tile()
    {
        Assert.Equal("square", BFloat16Products.TileOfRows(Of(4096, 4096, 1024), hasWide: false).Name);
        Assert.Equal("square", BFloat16Products.TileOverRows(Of(4096, 4096, 1024), hasWide: false).Name);
    }

    private static Product Of(int rows, int columns, int depth, int groups = 1) => new()
    {
        A = new RowView(16, depth),
        B = new RowView(16, depth),
        Result = new RowView(16, columns),
        Offsets = groups > 1 ? 16u : 0,
        Groups = groups,
        Rows = rows,
        Columns = columns,
        Depth = depth,
        ResultIsFloat32 = 1,
    };
}
