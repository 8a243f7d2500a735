using System.Globalization;
using System.Text;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Progress;

/// <summary>The report of a training run as text.</summary>
internal static class ReportText
{
    /// <summary>Lines, each ended.</summary>
    public static string Of(TrainingReport report, string? resumeCommand, Terminal terminal)
    {
        var text = new StringBuilder();
        string verb = report.WasInterrupted ? "stopped at" : "trained";
        text.Append(CultureInfo.InvariantCulture, $"\n{verb} step {report.Step} of {report.Steps}: ");
        text.Append(CultureInfo.InvariantCulture, $"{Quantity.Short(report.Tokens)} tokens in {Quantity.Time(report.Elapsed)}, ");
        text.Append(CultureInfo.InvariantCulture, $"{Quantity.Short(report.TokensPerSecond)} tokens/s\n");
        text.Append(CultureInfo.InvariantCulture, $"loss {report.Loss:0.0000}");
        text.Append(report.HeldOutLoss is { } heldOut
            ? string.Create(CultureInfo.InvariantCulture, $", held-out {heldOut:0.0000} nats a token\n")
            : report.WasInterrupted ? " nats a token\n"
            : report.MeasuresHeldOut ? " nats a token, nothing held out\n"
            : " nats a token, held-out loss not measured\n");
        AppendTime(text, report);
        AppendTraffic(text, report.Traffic);
        AppendSample(text, report.Sample, terminal.IsInteractive);
        text.Append(report.NoSample is { } why ? $"\nno sample: {why}\n" : "");
        text.Append(report.CheckpointFolder is { } folder ? $"\ncheckpoint: {folder}\n" : "\nno checkpoint\n");
        if (resumeCommand is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"go on with: {resumeCommand}\n");
            if (terminal.StartedAs != CommandHelp.RootName)
            {
                text.Append(CultureInfo.InvariantCulture, $"as started here: {terminal.StartedAs}{resumeCommand[CommandHelp.RootName.Length..]}\n");
            }
        }

        return text.ToString();
    }

    /// <summary>The losses of multi-token-prediction modules, where the model has any, to stand behind the main loss.</summary>
    public static string Predictions(IReadOnlyList<double> losses) =>
        losses.Count == 0 ? "" : " mtp " + string.Join(' ', losses.Select(loss => loss.ToString("0.0000", CultureInfo.InvariantCulture)));

    /// <summary>The balance loss, to stand behind the others; empty where there is none.</summary>
    public static string Balance(StepReport report) =>
        report.Balance > 0 ? string.Create(CultureInfo.InvariantCulture, $" balance {report.Balance:0.00e+00}") : "";

    /// <summary>The share of communication that lay under computation, in a word and a number.</summary>
    public static string Hidden(StepReport report) => report.HiddenCommunicationFraction is { } hidden ? $"hidden {Quantity.Percent(hidden)}" : "hidden -";

    /// <summary>The share of time in which GPUs had nothing to run, with a space before; empty where it was not measured.</summary>
    public static string Idle(StepReport report) => report.DeviceIdleFraction is { } idle ? $" GPU idle {Quantity.Percent(idle)}" : "";

    private static void AppendTime(StringBuilder text, TrainingReport report)
    {
        IReadOnlyList<TimeShare> shares = report.Time;
        double total = shares.Sum(share => share.Duration.TotalSeconds);
        if (total <= 0)
        {
            return;
        }

        text.Append("\nwhere the ranks' time went\n");
        int width = shares.Max(share => share.Name.Length);
        foreach (TimeShare share in shares)
        {
            string percent = Quantity.Percent(share.Duration.TotalSeconds / total);
            text.Append(CultureInfo.InvariantCulture, $"  {share.Name.PadRight(width)}  {percent,6}  {Quantity.Time(share.Duration),11}\n");
        }

        if (report.DeviceIdleFraction is { } idle)
        {
            text.Append(CultureInfo.InvariantCulture, $"GPU idle {Quantity.Percent(idle)} of it, by its own clock\n");
        }
    }

    private static void AppendTraffic(StringBuilder text, IReadOnlyList<HopTraffic> traffic)
    {
        if (traffic.Count == 0)
        {
            return;
        }

        text.Append("\nwhat crossed the links\n");
        int width = traffic.Max(hop => hop.Name.Length);
        foreach (HopTraffic hop in traffic)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"  {hop.Name.PadRight(width)}  {Quantity.Short(hop.Rows),6} rows  {Quantity.Bytes(hop.Bytes),8}  "
                + $"{Quantity.Short(hop.Messages),6} messages\n");
        }
    }

    private static void AppendSample(StringBuilder text, TextSample? sample, bool isInteractive)
    {
        if (sample is not null)
        {
            AppendIndented(text, "the text begins", sample.Prompt, isInteractive);
            AppendIndented(text, "the model goes on", sample.Continuation, isInteractive);
        }
    }

    private static void AppendIndented(StringBuilder text, string heading, string lines, bool isInteractive)
    {
        text.Append('\n').Append(heading).Append('\n');
        foreach (string line in (isInteractive ? PrintableText.Of(lines) : lines).Split('\n'))
        {
            text.Append("  ").Append(line).Append('\n');
        }
    }
}
