using System.Globalization;
using Actors.Cli.Requests;
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

    /// <summary>Ends the text and says how long it took.</summary>
    public void Finish(InferenceReport report)
    {
        if (isJson)
        {
            terminal.Output.WriteLine(ReportJson.Of(report));
            return;
        }

        terminal.Output.WriteLine();
        terminal.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.PromptTokens} tokens read in {Quantity.Time(report.Prefill)}, {report.NewTokens} written at "
            + $"{Quantity.Short(report.TokensPerSecond)} tokens/s"));
    }
}
