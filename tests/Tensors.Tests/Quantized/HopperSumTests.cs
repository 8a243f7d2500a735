using Actors.Tensors.Formats;
using Actors.Tensors.Quantized;

namespace Actors.Tensors.Tests.Quantized;

/// <summary>Sums that were computed by hand.</summary>
public sealed class HopperSumTests
{
    /// <summary>448 · 448 = 3.06 · 2¹⁶, beside which multiples of 8 are kept; as a sum it is 1.53 · 2¹⁷, of which multiples of 16 are.</summary>
    private const float Large = 200704;

    [Fact]
    public void Products_of_one_size_are_summed_exactly() => Assert.Equal(128, Sum(Repeat(1, 128), Repeat(1, 128)));

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void What_lies_below_the_largest_is_cut_off_towards_zero(float small) =>
        Assert.Equal(Large, Sum([448, .. Repeat(1, 31)], [448, .. Repeat(small, 31)]));

    [Fact]
    public void The_accumulator_is_aligned_as_products_are()
    {
        // 32 is a multiple of 16, and so it stays; ones that come behind the large product are lost.
        Assert.Equal(Large + 32, Sum([.. Repeat(1, 32), 448], [.. Repeat(1, 32), 448]));
        Assert.Equal(Large, Sum([448, .. Repeat(1, 127)], [448, .. Repeat(1, 127)]));

        // Of 33 the one is not.
        Assert.Equal(Large + 32, Sum([.. Repeat(1, 31), 2, 448], [.. Repeat(1, 32), 448]));
    }

    [Fact]
    public void Of_the_sum_thirteen_bits_behind_the_leading_one_are_kept()
    {
        // 31 · 15 · 15 = 6975, whose last place is 1/2 when 13 bits follow the leading one of 4096; aligned, 1/4 was still there.
        Assert.Equal(6975, Sum([.. Repeat(15, 31), 0.5f], [.. Repeat(15, 31), 0.5f]));
        Assert.Equal(6975.5f, Sum([.. Repeat(15, 31), 1], [.. Repeat(15, 31), 0.5f]));
    }

    [Fact]
    public void A_product_s_exponent_is_that_of_its_factors()
    {
        // 1.5 · 1.5 = 2.25 has exponent 0, beside which 2⁻¹³ is kept: two of them reach the sum's last place.
        float small = MathF.ScaleB(1, -6), smaller = MathF.ScaleB(1, -7);
        Assert.Equal(2.25f + MathF.ScaleB(1, -12), Sum([1.5f, small, small], [1.5f, smaller, smaller]));
        Assert.Equal(2.25f, Sum([1.5f, small], [1.5f, smaller]));
    }

    [Fact]
    public void What_is_not_a_number_stays_so()
    {
        Assert.Equal(0, Sum(Repeat(0, 40), Repeat(-1, 40)));
        Assert.True(float.IsNaN(HopperSum.OfTile([0x38, 0x7F], [0x38, 0x38])));
    }

    [Fact]
    public void A_tile_has_no_more_than_128() => Assert.Throws<ArgumentOutOfRangeException>(() => Sum(Repeat(1, 129), Repeat(1, 129)));

    private static float[] Repeat(float value, int count) => [.. Enumerable.Repeat(value, count)];

    private static float Sum(float[] left, float[] right) =>
        HopperSum.OfTile(Array.ConvertAll(left, E4M3.FromSingleSaturating), Array.ConvertAll(right, E4M3.FromSingleSaturating));
}
