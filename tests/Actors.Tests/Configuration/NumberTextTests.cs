using Actors.Runtime.Configuration;

namespace Actors.Runtime.Tests.Configuration;

public sealed class NumberTextTests
{
    [Theory]
    [InlineData("0.8", 0.8)]
    [InlineData(".5", 0.5)]
    [InlineData("-3", -3)]
    [InlineData("1e-3", 1e-3)]
    public void A_number_has_digits_a_point_and_an_exponent(string text, double expected)
    {
        Assert.True(NumberText.TryNumber(text, out double number));
        Assert.Equal(expected, number);
    }

    [Theory]
    [InlineData("0,8", "write 0.8, with a point")]
    [InlineData("1,000,000", "write 1000000")]
    [InlineData("1,000.5,0", "write a number")]
    [InlineData("NaN", "write a number")]
    [InlineData("Infinity", "write a number")]
    [InlineData("1e999", "write a number")]
    [InlineData("0x10", "write a number")]
    [InlineData("", "write a number")]
    [InlineData(" 1", "write a number")]
    [InlineData("1 ", "write a number")]
    [InlineData("1_000", "write a number")]
    [InlineData("\u0661", "write a number")]
    public void Anything_else_is_refused_with_what_to_write(string text, string advice)
    {
        Assert.False(NumberText.TryNumber(text, out _));
        Assert.Equal(advice, NumberText.Advice(text, isWhole: false));
    }

    [Theory]
    [InlineData("12", 12)]
    [InlineData("1e3", 1000)]
    [InlineData("5.0", 5)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void A_whole_number_may_have_an_exponent(string text, long expected)
    {
        Assert.True(NumberText.TryWhole(text, long.MinValue, long.MaxValue, out long number));
        Assert.Equal(expected, number);
    }

    [Theory]
    [InlineData("1,000", "write 1000")]
    [InlineData("1.5", "write a whole number")]
    [InlineData("1e-40", "write a whole number")]
    [InlineData("1e30", "write a whole number")]
    [InlineData("9223372036854775808", "write a whole number")]
    [InlineData("0,8", "write a whole number")]
    [InlineData("0x10", "write a whole number")]
    [InlineData("", "write a whole number")]
    public void What_is_not_whole_is_refused(string text, string advice)
    {
        Assert.False(NumberText.TryWhole(text, long.MinValue, long.MaxValue, out _));
        Assert.Equal(advice, NumberText.Advice(text, isWhole: true));
    }
}
