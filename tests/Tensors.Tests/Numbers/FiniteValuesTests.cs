using Actors.Tensors.Numbers;

namespace Actors.Tensors.Tests.Numbers;

public sealed class FiniteValuesTests
{
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void The_first_value_that_is_not_finite_is_found_at_every_place(float other)
    {
        for (int length = 1; length < 70; length++)
        {
            float[] values = [.. Enumerable.Range(0, length).Select(i => i % 2 == 0 ? float.MaxValue : -float.Epsilon)];
            Assert.Equal(-1, FiniteValues.IndexOfOther(values));
            for (int place = 0; place < length; place++)
            {
                float[] changed = [.. values];
                changed[place] = changed[^1] = other;
                Assert.False(FiniteValues.AreAll(changed));
                Assert.Equal(place, FiniteValues.IndexOfOther(changed));
            }
        }
    }

    [Fact]
    public void No_values_are_finite() => Assert.True(FiniteValues.AreAll([]));

    [Theory]
    [InlineData(0x7F7F, true)] // The largest.
    [InlineData(0xFF7F, true)]
    [InlineData(0x0001, true)]
    [InlineData(0x7F80, false)] // Infinity.
    [InlineData(0xFF80, false)]
    [InlineData(0x7FC0, false)] // Not a number.
    public void A_bfloat16_that_is_not_finite_is_found_wherever_it_stands(int bits, bool isFinite)
    {
        foreach (int place in (int[])[0, 6, 19])
        {
            var values = new ushort[20];
            values[place] = (ushort)bits;
            Assert.Equal(isFinite, FiniteValues.AreAllBFloat16(values));
        }
    }
}
