using Actors.Cli.Progress;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Tests.Progress;

/// <summary>What the report of a run says where something of it is missing.</summary>
public sealed class ReportTextTests
{
    private static readonly Terminal Plain = new(TextWriter.Null, TextWriter.Null, IsInteractive: false, Width: 80, HasColor: false);

    [Theory]
    [InlineData(2.5, true, "loss 1.5000, held-out 2.5000 nats a token\n")]
    [InlineData(null, true, "loss 1.5000 nats a token, nothing held out\n")]
    [InlineData(null, false, "loss 1.5000 nats a token, held-out loss not measured\n")]
    public void A_held_out_loss_that_is_not_there_is_explained(double? loss, bool measures, string expected) =>
        Assert.Contains(expected, ReportText.Of(Report() with { HeldOutLoss = loss, MeasuresHeldOut = measures }, null, Plain), StringComparison.Ordinal);

    [Fact]
    public void A_sample_that_was_not_answered_is_a_line_that_says_why() => Assert.Contains(
        "\nno sample: the processes have devices for 2 ranks\n",
        ReportText.Of(Report() with { NoSample = "the processes have devices for 2 ranks" }, null, Plain), StringComparison.Ordinal);

    [Theory]
    [InlineData(null, false)]
    [InlineData(0.125, true)]
    public void How_long_a_GPU_had_nothing_to_run_is_said_where_it_was_measured(double? idle, bool isSaid)
    {
        string text = ReportText.Of(
            Report() with { DeviceIdleFraction = idle, Time = [new TimeShare("bubble", TimeSpan.FromSeconds(1))] }, null, Plain);

        Assert.Equal(isSaid, text.Contains("\nGPU idle 12.5% of it, by its own clock\n", StringComparison.Ordinal));
    }

    private static TrainingReport Report() => new()
    {
        Step = 3,
        Steps = 3,
        Tokens = 30,
        Elapsed = TimeSpan.FromSeconds(1),
        Loss = 1.5,
        Time = [],
        Traffic = [],
    };
}
