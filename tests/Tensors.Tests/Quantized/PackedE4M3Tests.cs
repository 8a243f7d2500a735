using Actors.Tensors.Quantized;

namespace Actors.Tensors.Tests.Quantized;

public sealed class PackedE4M3Tests
{
    private const int Rows = 3;

    [Theory]
    [InlineData(1, 8)]
    [InlineData(128, 132)]
    [InlineData(130, 140)]
    [InlineData(256, 264)]
    [InlineData(7168, 7392)]
    public void A_row_has_a_byte_a_column_and_four_a_tile(int columns, int bytes) => Assert.Equal(bytes, PackedE4M3.BytesOf(columns));

    /// <summary>Rows that stand apart from each other, behind bytes of others: what is written through one view shows in no other.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(128, 0)]
    [InlineData(130, 12)]
    [InlineData(257, 4)]
    public void Codes_and_scales_share_no_byte_and_rows_keep_to_their_own(int columns, int between)
    {
        using DeviceBuffer buffer = new SplitBackend().AllocateHost(4 + (Rows * (PackedE4M3.BytesOf(columns) + between)));
        var whole = new HostTensor(new Tensor(buffer, 0, 1, (int)buffer.Bytes, (int)buffer.Bytes, ElementType.E4M3));
        whole.AsSpan<byte>().Fill(0xEE);
        int bytes = PackedE4M3.BytesOf(columns), stride = bytes + between;
        QuantizedRows rows = new PackedE4M3(new Tensor(buffer, 4, Rows, bytes, stride, ElementType.E4M3), columns).Rows;

        Assert.Equal(new TileCuts(columns), rows.Cuts);
        for (int row = 0; row < Rows; row++)
        {
            new HostTensor(rows.Codes).RowSpan<byte>(row).Fill((byte)row);
            new HostTensor(rows.Scales).RowSpan<float>(row).Fill(row + 0.5f);
        }

        for (int row = 0; row < Rows; row++)
        {
            ReadOnlySpan<byte> packed = whole.AsSpan<byte>().Slice(4 + (row * stride), stride);
            Assert.Equal(Enumerable.Repeat((byte)row, columns), packed[..columns].ToArray());
            Assert.All(packed[columns..(bytes - (4 * rows.Cuts.Count))].ToArray(), unused => Assert.Equal(0xEE, unused));
            for (int tile = 0; tile < rows.Cuts.Count; tile++)
            {
                Assert.Equal(row + 0.5f, BitConverter.ToSingle(packed[(bytes - (4 * (rows.Cuts.Count - tile)))..]));
            }

            Assert.All(packed[bytes..].ToArray(), unused => Assert.Equal(0xEE, unused));
        }
    }

    [Theory]
    [InlineData(ElementType.E4M3, 128, 131)]
    [InlineData(ElementType.E4M3, 128, 264)]
    [InlineData(ElementType.E5M2, 128, 132)]
    public void Bytes_that_are_no_such_rows_are_refused(ElementType type, int columns, int bytes)
    {
        using DeviceBuffer buffer = new SplitBackend().AllocateHost(2 * bytes);
        var packed = new PackedE4M3(new Tensor(buffer, 0, 2, bytes, bytes, type), columns);
        Assert.Throws<TensorShapeException>(() => packed.Rows);
    }

    /// <summary>A scale is read in one piece.</summary>
    [Theory]
    [InlineData(2, 132)]
    [InlineData(0, 134)]
    public void Rows_that_do_not_begin_at_multiples_of_four_bytes_are_refused(int offset, int stride)
    {
        using DeviceBuffer buffer = new SplitBackend().AllocateHost(3 * stride);
        var packed = new PackedE4M3(new Tensor(buffer, offset, 2, 132, stride, ElementType.E4M3), 128);
        Assert.Throws<TensorShapeException>(() => packed.Rows);
    }
}
