using System.Globalization;
using System.Text;
using Actors.Cli.Requests;
using Actors.Runtime.Training.Reports;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Actors.Cli.Progress;

/// <summary>
/// A few lines that are redrawn in place, as wide as the terminal: position, loss, speed, bubble, exposed communication and a bar an expert.
/// At most ten times a second, so that drawing never holds up a step. Notices are written above.
/// </summary>
internal sealed class LiveTrainingView : ITrainingView
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Terminal _terminal;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly IAnsiConsole _console;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _live = Task.CompletedTask;
    private LiveDisplayContext? _frame;
    private StepReport? _last;
    private int _firstStep;
    private long _drawn;

    public LiveTrainingView(Terminal terminal, TimeProvider time)
    {
        _terminal = terminal;
        _time = time;
        _start = time.GetTimestamp();
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = terminal.HasColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
            Out = new Output(terminal),
        });
    }

    public void Notice(string line) => _terminal.Notices.WriteLine($"actors: {line}");

    public void MemoryPlanned(PlannedMemory planned)
    {
        foreach (string line in MemoryText.Of(planned))
        {
            _terminal.Notices.WriteLine(line);
        }
    }

    public void StepCompleted(StepReport report)
    {
        _firstStep = _last is null ? report.Step : _firstStep;
        _last = report;
        if (_frame is null)
        {
            _live = _console.Live(FrameOf(report)).StartAsync(StayAsync);
        }
        else if (report.Step == report.Steps || _time.GetElapsedTime(_drawn) >= Pause)
        {
            Draw(report);
        }
    }

    public void TextGenerated(string text) => _console.Write(new Text(PrintableText.Of(text)));

    public void Finish(TrainingReport report, string? resumeCommand) =>
        _terminal.Output.Write(ReportText.Of(report, resumeCommand, _terminal));

    public void Dispose()
    {
        if (_frame is not null)
        {
            Draw(_last!);
            _ended.TrySetResult();
            _live.GetAwaiter().GetResult();
            _frame = null;
        }

        _terminal.Notices.WriteAbove(null);
        _terminal.Output.Flush();
    }

    private async Task StayAsync(LiveDisplayContext frame)
    {
        _frame = frame;

        // A second Ctrl-C ends the process at once, and a hidden cursor would stay hidden.
        _console.Cursor.Show();
        Draw(_last!);
        _terminal.Notices.WriteAbove(line => _console.Write(new LineAbove(line)));
        await _ended.Task;
    }

    private void Draw(StepReport report)
    {
        _frame!.UpdateTarget(FrameOf(report));
        _drawn = _time.GetTimestamp();
    }

    private Rows FrameOf(StepReport report)
    {
        int columns = _terminal.Columns;
        double done = report.Steps == 0 ? 1 : (double)report.Step / report.Steps;
        string position = $"step {report.Step}/{report.Steps}";
        string left = $"{Quantity.Percent(done)}  {Remaining(report)} left";
        int bar = Math.Max(0, columns - position.Length - left.Length - 5);
        int filled = (int)(bar * done);
        string range = ExpertBars.Range(report.ExpertLoad);
        return new Rows(
            new Paragraph($"{position}  ")
                .Append(new string('█', filled), Color.Green)
                .Append(new string('░', bar - filled), Color.Grey)
                .Append($"  {left}"),
            new Text(string.Create(
                CultureInfo.InvariantCulture,
                $"loss {report.Loss:0.0000}{ReportText.Predictions(report.PredictionLosses)}{ReportText.Balance(report)}   {Quantity.Short(report.TokensPerSecond)} tokens/s   rate {report.LearningRate:0.00e+00}   "
                + $"gradient {report.GradientNorm:0.000}")),
            new Text(
                $"bubble {Quantity.Percent(report.BubbleFraction)}   skew {Quantity.Percent(report.SkewFraction)}   communication exposed "
                + $"{Quantity.Percent(report.ExposedCommunicationFraction)}, {ReportText.Hidden(report)}{ReportText.Idle(report)}"),
            new Text($"experts {ExpertBars.Draw(report.ExpertLoad, columns - range.Length - 26)} {range} of the mean"));
    }

    private string Remaining(StepReport report)
    {
        int done = report.Step - _firstStep + 1;
        return Quantity.Time(_time.GetElapsedTime(_start) / done * (report.Steps - report.Step));
    }

    /// <summary>A line in the frame's place, which is erased first; the frame is drawn again below it.</summary>
    private sealed class LineAbove(string line) : Renderable
    {
        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            [Segment.Control("\u001b[J"), .. ((IRenderable)new Text(PrintableText.Of(line) + "\n")).Render(options, maxWidth)];
    }

    /// <summary>Spectre's view of the terminal.</summary>
    private sealed class Output(Terminal terminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => terminal.Output;

        public bool IsTerminal => terminal.IsInteractive;

        public int Width => terminal.Columns;

        public int Height => short.MaxValue;

        public void SetEncoding(Encoding encoding) => Console.OutputEncoding = encoding;
    }
}
