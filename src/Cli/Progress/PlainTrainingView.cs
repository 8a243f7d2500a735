using System.Globalization;
using Actors.Cli.Requests;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Progress;

/// <summary>Plain lines: the first step, the last and about a hundred between, so that a log stays readable.</summary>
internal sealed class PlainTrainingView(Terminal terminal) : ITrainingView
{
    private const int Lines = 100;

    private bool _hasSteps;

    public void Notice(string line) => terminal.Error.WriteLine($"actors: {line}");

    public void MemoryPlanned(PlannedMemory planned)
    {
        foreach (string line in MemoryText.Of(planned))
        {
            terminal.Error.WriteLine(line);
        }
    }

    public void StepCompleted(StepReport report)
    {
        if (!_hasSteps || report.Step == report.Steps || report.Step % Math.Max(1, report.Steps / Lines) == 0)
        {
            terminal.Output.WriteLine(LineOf(report));
            terminal.Output.Flush();
        }

        _hasSteps = true;
    }

    public void TextGenerated(string text) => terminal.Output.Write(text);

    public void Finish(TrainingReport report, string? resumeCommand) =>
        terminal.Output.Write(ReportText.Of(report, resumeCommand, terminal));

    public void Dispose() => terminal.Output.Flush();

    private static string LineOf(StepReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"step {report.Step}/{report.Steps} loss {report.Loss:0.0000}{ReportText.Predictions(report.PredictionLosses)}{ReportText.Balance(report)} tokens/s {report.TokensPerSecond:0} "
        + $"bubble {Quantity.Percent(report.BubbleFraction)} skew {Quantity.Percent(report.SkewFraction)} "
        + $"exposed {Quantity.Percent(report.ExposedCommunicationFraction)} {ReportText.Hidden(report)}{ReportText.Idle(report)} "
        + $"rate {report.LearningRate:0.00e+00} gradient {report.GradientNorm:0.000} load {ExpertBars.Range(report.ExpertLoad)}");
}
