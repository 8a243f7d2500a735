using Akka.Configuration;

namespace Akka.Tests.Configuration;

/// <summary>The specification's API recommendations: type conversions, times and sizes.</summary>
public sealed class Conversions
{
    [Theory]
    [InlineData("true", true)]
    [InlineData("yes", true)]
    [InlineData("on", true)]
    [InlineData("\"true\"", true)]
    [InlineData("false", false)]
    [InlineData("no", false)]
    [InlineData("off", false)]
    public void Six_words_are_booleans(string text, bool value) => Assert.Equal(value, Read(text).GetBoolean("a", !value));

    [Fact]
    public void Numbers_are_read_from_quoted_and_bare_text()
    {
        Assert.Equal(-42, Read("-42").GetInt("a"));
        Assert.Equal(42, Read("\"42\"").GetInt("a"));
        Assert.Equal(long.MinValue, Read("-9223372036854775808").GetLong("a"));
        Assert.Equal(-1.5e-3, Read("-1.5E-3").GetDouble("a"));
        Assert.Equal(1.5f, Read("1.5").GetFloat("a"));
        Assert.Equal(0.1m, Read("0.1").GetDecimal("a"));
        Assert.Equal("1e5", Read("1e5").GetString("a"));
    }

    [Theory]
    [InlineData("0.5 ns", 0)]
    [InlineData("250ns", 2)]
    [InlineData("1 nano", 0)]
    [InlineData("300nanos", 3)]
    [InlineData("300nanosecond", 3)]
    [InlineData("300nanoseconds", 3)]
    [InlineData("7us", 70)]
    [InlineData("7micro", 70)]
    [InlineData("7micros", 70)]
    [InlineData("7microsecond", 70)]
    [InlineData("7microseconds", 70)]
    [InlineData("7", 70_000)]
    [InlineData("\" 7 \"", 70_000)]
    [InlineData("7ms", 70_000)]
    [InlineData("7milli", 70_000)]
    [InlineData("7millis", 70_000)]
    [InlineData("7millisecond", 70_000)]
    [InlineData("7milliseconds", 70_000)]
    [InlineData("1.5s", 15_000_000)]
    [InlineData("1e1 second", 100_000_000)]
    [InlineData("2  seconds", 20_000_000)]
    [InlineData("2m", 1_200_000_000)]
    [InlineData("2minute", 1_200_000_000)]
    [InlineData("2minutes", 1_200_000_000)]
    [InlineData("2h", 72_000_000_000)]
    [InlineData("2hour", 72_000_000_000)]
    [InlineData("2hours", 72_000_000_000)]
    [InlineData("2d", 1_728_000_000_000)]
    [InlineData("2day", 1_728_000_000_000)]
    [InlineData("2days", 1_728_000_000_000)]
    [InlineData("infinite", -10_000)]
    public void Times_have_every_unit_of_the_specification(string text, long ticks) => Assert.Equal(ticks, Read(text).GetTimeSpan("a").Ticks);

    [Theory]
    [InlineData("1", 1)]
    [InlineData("1B", 1)]
    [InlineData("1b", 1)]
    [InlineData("1byte", 1)]
    [InlineData("2 bytes", 2)]
    [InlineData("1kB", 1000)]
    [InlineData("1kilobyte", 1000)]
    [InlineData("1.5MB", 1_500_000)]
    [InlineData("1megabytes", 1_000_000)]
    [InlineData("1GB", 1_000_000_000)]
    [InlineData("1TB", 1_000_000_000_000)]
    [InlineData("1PB", 1_000_000_000_000_000)]
    [InlineData("1EB", 1_000_000_000_000_000_000)]
    [InlineData("1K", 1024)]
    [InlineData("1k", 1024)]
    [InlineData("1Ki", 1024)]
    [InlineData("1KiB", 1024)]
    [InlineData("1kibibyte", 1024)]
    [InlineData("1m", 1 << 20)]
    [InlineData("1MiB", 1 << 20)]
    [InlineData("0.5mebibytes", 1 << 19)]
    [InlineData("1g", 1 << 30)]
    [InlineData("1 GiB", 1 << 30)]
    [InlineData("1t", 1L << 40)]
    [InlineData("1Pi", 1L << 50)]
    [InlineData("1e", 1L << 60)]
    [InlineData("7EiB", 7L << 60)]
    [InlineData("0.001ZB", 1_000_000_000_000_000_000)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Sizes_have_every_unit_of_the_specification(string text, long bytes) => Assert.Equal(bytes, Read(text).GetByteSize("a"));

    [Fact]
    public void Lists_convert_their_elements()
    {
        Config config = ConfigurationFactory.ParseString("i = [1, \"2\"], d = [0.5, 1], b = [on, false], s = [x, 1, y z], e = []");
        Assert.Equal([1, 2], config.GetIntList("i"));
        Assert.Equal([1L, 2L], config.GetLongList("i"));
        Assert.Equal([1, 2], config.GetByteList("i"));
        Assert.Equal([0.5, 1], config.GetDoubleList("d"));
        Assert.Equal([0.5f, 1], config.GetFloatList("d"));
        Assert.Equal([0.5m, 1], config.GetDecimalList("d"));
        Assert.Equal([true, false], config.GetBooleanList("b"));
        Assert.Equal(["x", "1", "y z"], config.GetStringList("s"));
        Assert.Empty(config.GetIntList("e"));
        Assert.True(config.GetValue("e")!.IsArray());
    }

    [Fact]
    public void An_absent_setting_reads_as_the_default()
    {
        Config config = "a = 1";
        Assert.Equal(5, config.GetInt("b", 5));
        Assert.Equal(0, config.GetInt("b"));
        Assert.True(config.GetBoolean("b", true));
        Assert.Equal("x", config.GetString("b", "x"));
        Assert.Null(config.GetString("b"));
        Assert.Equal(TimeSpan.FromSeconds(1), config.GetTimeSpan("b", TimeSpan.FromSeconds(1)));
        Assert.Equal(TimeSpan.Zero, config.GetTimeSpan("b"));
        Assert.Null(config.GetByteSize("b"));
        Assert.Equal(3, config.GetByteSize("b", 3));
        Assert.Empty(config.GetStringList("b"));
        Assert.Equal(["y"], config.GetStringList("b", ["y"]));
        Assert.Equal("b is not set, but must be a list.", Assert.Throws<ConfigurationException>(() => config.GetIntList("b")).Message);
    }

    private static Config Read(string text) => ConfigurationFactory.ParseString($"a = {text}");
}
