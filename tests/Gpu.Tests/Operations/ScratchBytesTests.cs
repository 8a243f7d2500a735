using Actors.Gpu.Operations;

namespace Actors.Gpu.Tests.Operations;

/// <summary>Scratch of operations in two passes: by the shape alone, and bounded where rows are many.</summary>
public sealed class ScratchBytesTests
{
    [Theory]
    [InlineData(1, 64, 1)]
    [InlineData(8, 64, 1)]
    [InlineData(9, 64, 2)]
    [InlineData(17, 7168, 2)]
    [InlineData(1 << 20, 64, 1024)]
    public void The_norm_s_backward_has_a_row_of_parts_a_group(int rows, int columns, int groups) =>
        Assert.Equal((long)groups * columns * sizeof(float), NormKernels.BackwardBytes(rows, columns));

    [Theory]
    [InlineData(1, 4, 2 * 256 + 2 * 4 * 4)]
    [InlineData(65, 4, 2 * 512 + 3 * 2 * 4 * 4)]
    public void The_embedding_s_backward_has_the_order_and_two_parts_a_tile(int tokens, int columns, long bytes) =>
        Assert.Equal(bytes, EmbedKernels.BackwardBytes(tokens, columns));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 8)]
    [InlineData((1L << 15) + 1, 16)]
    public void The_sum_of_squares_has_a_number_a_slice(long count, long bytes) => Assert.Equal(bytes, OptimizerKernels.SumBytes(count));
}
