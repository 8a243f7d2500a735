using Actors.Gpu.Operations;
using Actors.Tensors;

namespace Actors.Gpu.Tests.Operations;

/// <summary>When rows are moved by 16 bytes, and how many blocks move them.</summary>
public sealed class PackedRowsTests
{
    [Theory]
    [InlineData(ElementType.Float32, 8, 256, 12, true)]
    [InlineData(ElementType.Float32, 7, 256, 12, false)]
    [InlineData(ElementType.Float32, 8, 260, 12, false)]
    [InlineData(ElementType.Float32, 8, 256, 13, false)]
    [InlineData(ElementType.BFloat16, 8, 256, 16, true)]
    [InlineData(ElementType.BFloat16, 12, 256, 16, false)]
    [InlineData(ElementType.BFloat16, 8, 256, 12, false)]
    public void Rows_are_moved_by_packs_where_address_stride_and_columns_allow(ElementType type, int columns, uint address, int stride, bool fits) =>
        Assert.Equal(fits, PackedRows.Fit(type, columns, new RowView(512, 64), new RowView(address, stride)));

    [Fact]
    public void A_tensor_that_is_absent_hinders_no_pack() => Assert.True(PackedRows.Fit(ElementType.BFloat16, 8, default, new RowView(256, 8)));

    [Theory]
    [InlineData(0, 4, 0)]
    [InlineData(4, 0, 0)]
    [InlineData(1, 1, 1)]
    [InlineData(1, 1024, 1)]
    [InlineData(1, 1025, 2)]
    [InlineData(int.MaxValue, int.MaxValue, 1 << 20)]
    public void Blocks_cover_all_units_or_loop(int rows, int units, int blocks) => Assert.Equal(blocks, PackedRows.Blocks(rows, units));

    [Theory]
    [InlineData(0, true, 0)]
    [InlineData(1, true, 1)]
    [InlineData(9, true, 2)]
    [InlineData(9, false, 9)]
    [InlineData(int.MaxValue, true, 1 << 28)]
    public void A_row_has_a_warp_or_a_block(int rows, bool isWarp, int blocks) => Assert.Equal(blocks, PackedRows.RowBlocks(rows, isWarp));
}
