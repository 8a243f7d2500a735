using Actors.Gpu.Operations;

namespace Actors.Gpu.Tests.Operations;

/// <summary>How rows that are taken several times are cut, and how many threads have a row.</summary>
public sealed class MoveKernelsTests
{
    [Theory]
    [InlineData(4096, 14336, 2048)]
    [InlineData(4096, 28672, 2048)]
    [InlineData(1024, 14336, 7168)]
    [InlineData(1024, 2048, 2048)]
    [InlineData(4096, 2056, 1152)]
    [InlineData(1 << 20, 14336, 1024)]
    [InlineData(0, 14336, 14336)]
    [InlineData(1 << 20, 6, 6)]
    public void Pieces_of_all_rows_fit_into_the_cache_and_are_whole_lines(int rows, long rowBytes, long bytes) =>
        Assert.Equal(bytes, MoveKernels.PieceBytes(rows, rowBytes));

    [Theory]
    [InlineData(4, 4)]
    [InlineData(64, 32)]
    [InlineData(128, 32)]
    [InlineData(129, 64)]
    [InlineData(896, 256)]
    [InlineData(100_000, 256)]
    public void A_row_has_a_warp_before_a_thread_has_several_units(int units, int threads) =>
        Assert.Equal(threads, 1 << RowThreads.ForUnits(1, units).Shift);
}
