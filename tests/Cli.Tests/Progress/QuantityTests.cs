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
    [InlineData(0.5, "0.50 s")]
    [InlineData(125, "2:05")]
    [InlineData(3725, "1:02:05")]
    [InlineData(360_000, "100:00:00")]
    public void Times_are_short(double seconds, string text) => Assert.Equal(text, Quantity.Time(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_bar_stands_for_an_expert_or_for_some_neighbours()
    {
        Assert.Equal("▁▄█", ExpertBars.Draw([0, 30, 70], 10));
        Assert.Equal("▁█", ExpertBars.Draw([0, 0, 70, 70], 2));
        Assert.Equal("", ExpertBars.Draw([], 10));
        Assert.Equal("none", ExpertBars.Range([0, 0]));
    }
}
