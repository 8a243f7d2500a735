using Actors.Tensors.Formats;
using Actors.Tensors.Quantized;

namespace Actors.Tensors.Tests.Formats;

public sealed class TileScaleTests
{
    [Theory]
    [InlineData(448, 1)]
    [InlineData(300, 300f / 448)]
    [InlineData(0, 1e-4f / 448)]
    [InlineData(9e-5f, 1e-4f / 448)]
    [InlineData(float.MaxValue, float.MaxValue / 448)]
    public void The_largest_magnitude_becomes_the_largest_code(float magnitude, float scale) =>
        Assert.Equal(scale, TileScale.OfE4M3(magnitude, ScaleKind.Float32));

    [Theory]
    [InlineData(448, 1)]
    [InlineData(448.001f, 2)]
    [InlineData(300, 1)]
    [InlineData(224, 0.5f)]
    public void A_power_of_two_is_rounded_up(float magnitude, float scale) => Assert.Equal(scale, TileScale.OfE4M3(magnitude, ScaleKind.PowerOfTwo));

    [Fact]
    public void Rounding_up_leaves_powers_of_two_and_takes_the_next_one_for_all_else()
    {
        for (int exponent = -126; exponent < 127; exponent++)
        {
            float power = MathF.ScaleB(1, exponent);
            Assert.Equal(power, TileScale.RoundUpToPowerOfTwo(power));
            Assert.Equal(2 * power, TileScale.RoundUpToPowerOfTwo(MathF.BitIncrement(power)));
            Assert.Equal(2 * power, TileScale.RoundUpToPowerOfTwo(MathF.BitDecrement(2 * power)));
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void What_is_not_finite_has_no_scale(float magnitude)
    {
        Assert.True(float.IsNaN(TileScale.OfE4M3(magnitude, ScaleKind.PowerOfTwo)));
        Assert.True(float.IsNaN(TileScale.OfE5M6(magnitude)));
        Assert.True(float.IsNaN(TileScale.Larger(1, float.NaN)));
        Assert.True(float.IsNaN(TileScale.Larger(float.NaN, 1)));
    }
}
