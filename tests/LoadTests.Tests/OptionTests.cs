using System.CommandLine;
using Actors.LoadTests.CommandLine;
using Actors.LoadTests.Routing;
using Actors.Tensors;

namespace Actors.LoadTests.Tests;

public sealed class OptionTests
{
    [Theory]
    [InlineData("Required argument missing for option: '--tokens'; --help lists the options.", "--tokens")]
    [InlineData("Cannot parse argument 'many' for option '--tokens': write a whole number; --help lists the options.", "--tokens", "many")]
    [InlineData("Cannot parse argument '0' for option '--tokens': write a whole number from 1 to 1048576; --help lists the options.", "--tokens", "0")]
    [InlineData("Cannot parse argument '1.5' for option '--tokens': write a whole number; --help lists the options.", "--tokens", "1.5")]
    [InlineData("Cannot parse argument '9999999' for option '--hidden': write a whole number from 1 to 1048576; --help lists the options.", "--hidden", "9999999")]
    [InlineData("Cannot parse argument '-1' for option '--seconds': write a number from 0.1 to 86400; --help lists the options.", "--seconds", "-1")]
    [InlineData("Cannot parse argument '1e300' for option '--seconds': write a number from 0.1 to 86400; --help lists the options.", "--seconds", "1e300")]
    [InlineData("Cannot parse argument '0,8' for option '--seconds': write 0.8, with a point; --help lists the options.", "--seconds", "0,8")]
    [InlineData("Cannot parse argument 'NaN' for option '--rate': write a number; --help lists the options.", "--rate", "NaN")]
    [InlineData("--precision float8: choose one of bfloat16, float32; --help lists the options.", "--precision", "float8")]
    [InlineData("Argument 'rocm' not recognized. Must be one of: 'cpu' 'cuda'; --help lists the options.", "--backend", "rocm")]
    [InlineData("--gpus is for GPUs: add --backend cuda.", "--gpus", "2")]
    [InlineData("--exchange is for GPUs: add --backend cuda.", "--exchange", "marks")]
    [InlineData("--ranks 1: GPUs exchange rows of 2 to 64 ranks, as many on each of 1.", "--backend", "cuda", "--ranks", "1")]
    [InlineData("--ranks 4: GPUs exchange rows of 2 to 64 ranks, as many on each of 3.", "--backend", "cuda", "--gpus", "3", "--ranks", "4")]
    [InlineData("--ranks 128: GPUs exchange rows of 2 to 64 ranks, as many on each of 2.", "--backend", "cuda", "--gpus", "2", "--ranks", "128")]
    [InlineData("--nodes starts processes that compute on the CPU: leave out --nodes, or --backend cuda.", "--backend", "cuda", "--nodes", "1")]
    [InlineData("--tokens 1048576: so many rows of 7168 elements cannot be numbered on a GPU; use fewer.", "--backend", "cuda", "--tokens", "1048576")]
    [InlineData("Option '--tokens' expects a single argument but 2 were provided; --help lists the options.", "--tokens", "1", "--tokens", "2")]
    [InlineData("Unrecognized command or argument '--token'; --help lists the options.", "--token", "1")]
    [InlineData("Unrecognized command or argument 'tokens'; --help lists the options.", "tokens", "1")]
    public void A_wrong_option_is_named_in_one_line(string message, params string[] arguments) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => Read(arguments)).Message);

    [Theory]
    [InlineData("--frob")]
    [InlineData("rooting")]
    [InlineData("messages", "--pairs", "0")]
    [InlineData("messages", "--tokens", "1")]
    [InlineData("links", "--sizes", "0")]
    [InlineData("routing", "--profile", "no-such.conf")]
    public async Task Wrong_input_ends_with_2(params string[] arguments) =>
        Assert.Equal(2, await Invocation.RunAsync(Program.Create(), arguments));

    [Theory]
    [InlineData("--profile --backend --gpus --exchange --ranks --ranks-per-node --tokens --hidden --precision --seconds --rounds --warm-up --under-way --rate --channels --chunk-rows --slots --nodes --links --json --html", "routing")]
    [InlineData("--seconds --rounds --pairs --senders --json --html", "messages")]
    [InlineData("--sizes --seconds --rounds --json --html", "links")]
    [InlineData("--out --layers --keep --json --html", "checkpoint")]
    [InlineData("routing messages links")]
    public void Help_lists_every_option(string options, params string[] scenario)
    {
        using var output = new StringWriter();
        int code = Invocation.Parse(Program.Create(), [.. scenario, "--help"]).Invoke(new InvocationConfiguration { Output = output });

        Assert.Equal(0, code);
        Assert.All(options.Split(' '), option => Assert.Contains($"  {option} ", output.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_profile_that_does_not_exist_is_named() =>
        Assert.Contains("no-such.conf", Assert.Throws<UsageException>(() => Read("--profile", "no-such.conf")).Message);

    [Fact]
    public void Options_override_the_published_group()
    {
        RoutingOptions options = Read("--hidden", "64", "--precision", "float32", "--channels", "3", "--rate", "0");
        Assert.Equal(4, options.Shape.Nodes);
        Assert.Equal(256, options.Shape.Experts);
        Assert.Equal(64, options.Shape.Columns);
        Assert.Equal(ElementType.Float32, options.Shape.RowType);
        Assert.Equal(3, options.Fabric.Channels);
        Assert.Equal(0, options.Rate);
    }

    [Theory]
    [InlineData(1, 8, 8, "--gpus", "1")]
    [InlineData(2, 2, 2, "--gpus", "2")]
    [InlineData(16, 16, 8, "--gpus", "16")]
    [InlineData(2, 32, 8, "--gpus", "2", "--ranks", "32")]
    [InlineData(2, 8, 4, "--gpus", "2", "--ranks", "8", "--ranks-per-node", "4")]
    public void A_gpu_has_a_rank_where_nothing_else_is_said(int gpus, int ranks, int ranksPerNode, params string[] arguments)
    {
        RoutingOptions options = Read(["--backend", "cuda", .. arguments]);
        Assert.Equal((gpus, ranks, ranksPerNode), (options.Gpus, options.Shape.Ranks, options.Shape.RanksPerNode));
        Assert.Null(options.Flags);
    }

    [Fact]
    public void What_is_not_given_is_the_published_group()
    {
        RoutingOptions options = Read();
        Assert.Equal((128, 7168, 10.0, 5, 2.0, 2), (options.Tokens, options.Hidden, options.Seconds, options.Rounds, options.WarmUpSeconds, options.UnderWay));
        Assert.Equal(ElementType.BFloat16, options.Shape.RowType);
        Assert.Null(options.Rate);
    }

    private static RoutingOptions Read(params string[] arguments)
    {
        var command = new Command("routing");
        var options = new RoutingArguments(command);
        return options.Read(Invocation.Parse(command, arguments));
    }
}
