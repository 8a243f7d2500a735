using System.Globalization;
using Actors.Cli.Requests;
using Actors.Runtime.Serving;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Progress;

/// <summary>Streams generated text to stdout; everything else goes to stderr. With JSON all goes to stdout, an object a line.</summary>
internal sealed class TextView(Terminal terminal, bool isJson) : IRunProgress
{
    public void Notice(string line)
    {
        if (isJson)
        {
            terminal.Output.WriteLine(ReportJson.Notice(line));
        }
        else
        {
            terminal.Error.WriteLine($"actors: {line}");
        }
    }

    public void StepCompleted(StepReport report)
    {
        if (isJson)
        {
            terminal.Output.WriteLine(ReportJson.Of(report));
        }
    }

    public void TextGenerated(string text)
    {
        if (isJson)
        {
            terminal.Output.WriteLine(ReportJson.Text(text));
        }
        else
        {
            terminal.Output.Write(terminal.IsInteractive ? PrintableText.Of(text) : text);
        }

        terminal.Output.Flush();
    }

    /// <summary>Ends the text and says how long it took and why it ended.</summary>
    public void Finish(InferenceReport report)
    {
        if (isJson)
        {
            terminal.Output.WriteLine(ReportJson.Of(report));
            return;
        }

        terminal.Output.WriteLine();
        string speed = report.TokensPerSecond is { } rate ? $" at {Quantity.Short(rate)} tokens/s" : "";
        terminal.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.PromptTokens} tokens read in {Quantity.Time(report.Prefill)}, {report.NewTokens} written{speed}"));
        terminal.Error.WriteLine(WhyEnded(report));
    }

    private static string WhyEnded(InferenceReport report) => report.Reason switch
    {
        EndReason.EndToken => "the answer ended at an end token",
        EndReason.MaxTokens => "the answer ended after as many tokens as were asked for (--max-tokens)",
        EndReason.MaxLength => string.Create(
            CultureInfo.InvariantCulture,
            $"the answer ended because the sequence is full: {report.PromptTokens + report.NewTokens} tokens (actors.inference.max-length, at most the model's positions)"),
        _ => "stopped before the answer ended",
    };
}
