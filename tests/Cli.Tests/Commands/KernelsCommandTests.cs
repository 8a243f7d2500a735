namespace Actors.Cli.Tests.Commands;

public sealed class KernelsCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sm_75")]
    [InlineData("sm_80,hopper")]
    [InlineData("sm_100a")]
    public void An_architecture_that_kernels_are_not_compiled_for_is_refused_before_anything_is_written(string architectures)
    {
        CommandRun run = CommandRun.Of("kernels", "build", "--architecture", architectures, "--out", _folder.File("kernels"));

        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains("--architecture: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("write one from sm_80 on", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("kernels")));
    }

    [Fact]
    public void A_place_that_is_no_folder_is_refused()
    {
        CommandRun run = CommandRun.Of("kernels", "build", "--out", _folder.Write("taken", ""));

        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.StartsWith("actors: --out: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Kernels_are_built_or_one_line_says_what_is_missing()
    {
        CommandRun run = CommandRun.Of("kernels", "build", "--architecture", "sm_80", "--out", _folder.File("kernels"));

        if (run.Code == 0)
        {
            Assert.True(File.Exists(_folder.File("kernels/kernels.txt")));
        }
        else
        {
            Assert.Equal((1, ""), (run.Code, run.Output));
            Assert.Contains("nvrtc", run.Error, StringComparison.Ordinal);
            Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }
}
