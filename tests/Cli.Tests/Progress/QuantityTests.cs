using Actors.Cli.Progress;

namespace Actors.Cli.Tests.Progress;

public sealed class QuantityTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(7, "7")]
    [InlineData(0.5, "0.50")]
    [InlineData(999, "999")]
    [InlineData(999.7, "1.00K")]
    [InlineData(1234, "1.23K")]
    [InlineData(31234, "31.2K")]
    [InlineData(99960, "100K")]
    [InlineData(1.5e18, "1500P")]
    [InlineData(double.NaN, "?")]
    public void Numbers_are_short(double value, string text) => Assert.Equal(text, Quantity.Short(value));

    [Theory]
    [InlineData(12, "12 B")]
    [InlineData(45_100_000, "45.1 MB")]
    public void Bytes_have_a_unit(long bytes, string text) => Assert.Equal(text, Quantity.Bytes(bytes));

    [Theory]
    [InlineData(0, "0 ms")]
    [InlineData(0.00042, "0.4 ms")]
    [InlineData(0.34, "340 ms")]
    [InlineData(0.9996, "1.0 s")]
    [InlineData(2.345, "2.3 s")]
    [InlineData(59.94, "59.9 s")]
    [InlineData(59.96, "1 min 0 s")]
    [InlineData(78, "1 min 18 s")]
    [InlineData(3599.6, "1 h 0 min")]
    [InlineData(7510, "2 h 5 min")]
    [InlineData(360_000, "100 h 0 min")]
    public void Times_are_as_people_write_them(double seconds, string text) => Assert.Equal(text, Quantity.Time(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_bar_stands_for_an_expert_or_for_some_neighbours()
    {
        Assert.Equal("▁▄█", ExpertBars.Draw([0, 30, 70], 10));
        Assert.Equal("▁█", ExpertBars.Draw([0, 0, 70, 70], 2));
        Assert.Equal("", ExpertBars.Draw([], 10));
        Assert.Equal("none", ExpertBars.Range([0, 0]));
    }
}
