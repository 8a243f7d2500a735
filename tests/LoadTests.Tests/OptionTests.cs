using Actors.LoadTests.CommandLine;
using Actors.LoadTests.Routing;
using Actors.Tensors;

namespace Actors.LoadTests.Tests;

public sealed class OptionTests
{
    [Theory]
    [InlineData("--tokens needs a value.", "--tokens")]
    [InlineData("--tokens many: give a whole number from 1 to 1048576.", "--tokens", "many")]
    [InlineData("--tokens 0: give a whole number from 1 to 1048576.", "--tokens", "0")]
    [InlineData("--seconds -1: give a number, 0.1 or more.", "--seconds", "-1")]
    [InlineData("--dtype f8: choose one of bf16, f32.", "--dtype", "f8")]
    [InlineData("--tokens is given twice.", "--tokens", "1", "--tokens", "2")]
    [InlineData("There is no option --token: --help lists them.", "--token", "1")]
    [InlineData("'tokens' is no option: options begin with --.", "tokens", "1")]
    public void A_wrong_option_is_named_with_its_mend(string message, params string[] arguments) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => RoutingOptions.Read(new OptionReader(arguments))).Message);

    [Fact]
    public void A_profile_that_does_not_exist_is_named() =>
        Assert.Contains("no-such.conf", Assert.Throws<UsageException>(() => RoutingOptions.Read(new OptionReader(["--profile", "no-such.conf"]))).Message);

    [Fact]
    public void Options_override_the_published_group()
    {
        var options = RoutingOptions.Read(new OptionReader(["--hidden", "64", "--dtype", "f32", "--channels", "3", "--rate", "0"]));
        Assert.Equal(4, options.Shape.Nodes);
        Assert.Equal(256, options.Shape.Experts);
        Assert.Equal(64, options.Shape.Columns);
        Assert.Equal(ElementType.Float32, options.Shape.RowType);
        Assert.Equal(3, options.Fabric.Channels);
        Assert.Equal(0, options.Rate);
    }
}
