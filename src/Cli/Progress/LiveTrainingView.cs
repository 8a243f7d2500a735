using System.Globalization;
using System.Text;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Progress;

/// <summary>
/// A few lines that are redrawn in place: position, loss, speed, bubble, exposed communication and a bar an expert. At most ten times a
/// second, so that drawing never holds up a step.
/// </summary>
internal sealed class LiveTrainingView(Terminal terminal, TimeProvider time) : ITrainingView
{
    private const string ClearToEnd = "\u001b[0J";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly long _start = time.GetTimestamp();
    private StepReport? _last;
    private int _firstStep;
    private long _drawn;
    private int _lines;

    public void Notice(string line)
    {
        Erase();
        terminal.Error.WriteLine($"actors: {line}");
        Draw();
    }

    public void StepCompleted(StepReport report)
    {
        _firstStep = _last is null ? report.Step : _firstStep;
        _last = report;
        if (_drawn == 0 || report.Step == report.Steps || time.GetElapsedTime(_drawn) >= Pause)
        {
            Erase();
            Draw();
            _drawn = time.GetTimestamp();
        }
    }

    public void TextGenerated(string text)
    {
        Erase();
        terminal.Output.Write(PrintableText.Of(text));
    }

    public void Finish(TrainingReport report, string? resumeCommand) =>
        terminal.Output.Write(ReportText.Of(report, resumeCommand, isInteractive: true));

    public void Dispose()
    {
        Erase();
        Draw();
        terminal.Output.Flush();
        _lines = 0;
    }

    private void Erase()
    {
        if (_lines > 0)
        {
            terminal.Output.Write(string.Create(CultureInfo.InvariantCulture, $"\u001b[{_lines}A\r{ClearToEnd}"));
            _lines = 0;
        }
    }

    private void Draw()
    {
        if (_last is null)
        {
            return;
        }

        string[] lines = LinesOf(_last);
        var frame = new StringBuilder();
        foreach (string line in lines)
        {
            // A line that wraps would not be erased as a whole.
            frame.Append(line.AsSpan(0, Math.Min(line.Length, terminal.Width - 1))).Append('\n');
        }

        terminal.Output.Write(frame.ToString());
        terminal.Output.Flush();
        _lines = lines.Length;
    }

    private string[] LinesOf(StepReport report)
    {
        const int BarColumns = 30;
        double done = report.Steps == 0 ? 1 : (double)report.Step / report.Steps;
        int filled = (int)(BarColumns * done);
        string bar = new string('█', filled) + new string('░', BarColumns - filled);
        string range = ExpertBars.Range(report.ExpertLoad);
        string bars = ExpertBars.Draw(report.ExpertLoad, terminal.Width - range.Length - 26);
        return
        [
            $"step {report.Step}/{report.Steps}  {bar}  {Quantity.Percent(done)}  {Remaining(report)} left",
            string.Create(
                CultureInfo.InvariantCulture,
                $"loss {report.Loss:0.0000}   {Quantity.Short(report.TokensPerSecond)} tokens/s   rate {report.LearningRate:0.00e+00} "
                + $"  gradient {report.GradientNorm:0.000}"),
            $"bubble {Quantity.Percent(report.BubbleFraction)}   exposed communication "
            + $"{Quantity.Percent(report.ExposedCommunicationFraction)}",
            $"experts {bars} {range} of the mean",
        ];
    }

    private string Remaining(StepReport report)
    {
        int done = report.Step - _firstStep + 1;
        return Quantity.Time(time.GetElapsedTime(_start) / done * (report.Steps - report.Step));
    }
}
