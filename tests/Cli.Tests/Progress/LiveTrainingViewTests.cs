using Actors.Cli.Progress;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Tests.Progress;

public sealed class LiveTrainingViewTests : IDisposable
{
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };
    private readonly ManualTime _time = new();

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData(70, 40)]
    [InlineData(100, 70)]
    [InlineData(200, 170)]
    public void A_frame_shows_where_the_run_stands_as_wide_as_the_terminal(int width, int bar)
    {
        using LiveTrainingView view = View(width);
        _time.Pass(2);

        view.StepCompleted(Step(1));

        IReadOnlyList<string> lines = Screen.Of(_output.ToString());
        int filled = bar / 4;
        Assert.Equal($"step 1/4  {new string('█', filled)}{new string('░', bar - filled)}  25.0%  6.0 s left", lines[0]);
        Assert.Equal(
            [
                "loss 2.3412   31.2K tokens/s   rate 1.80e-03   gradient 0.870",
                "bubble 12.3%   skew 20.0%   communication exposed 4.5%, hidden 75.0%",
                "experts ▁▃▆█ 0.00..2.00 of the mean",
            ],
            lines.Skip(1));
    }

    [Fact]
    public void The_next_frame_is_drawn_over_the_last()
    {
        using LiveTrainingView view = View(100);
        view.StepCompleted(Step(1));
        _time.Pass(1);

        view.StepCompleted(Step(2));

        IReadOnlyList<string> lines = Screen.Of(_output.ToString());
        Assert.StartsWith("step 2/4", lines[0], StringComparison.Ordinal);
        Assert.Single(lines, line => line.StartsWith("step ", StringComparison.Ordinal));
    }

    [Fact]
    public void Frames_come_at_most_ten_times_a_second_but_the_last_always()
    {
        using LiveTrainingView view = View(100);
        view.StepCompleted(Step(1));
        _time.Pass(0.05);
        view.StepCompleted(Step(2));
        Assert.DoesNotContain("step 2/4", _output.ToString(), StringComparison.Ordinal);

        view.StepCompleted(Step(4));

        Assert.Contains("step 4/4", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_line_is_wider_than_a_narrow_terminal()
    {
        using (LiveTrainingView view = View(20))
        {
            view.StepCompleted(Step(1));
            view.StepCompleted(Step(4));
        }

        Assert.All(Screen.Of(_output.ToString()), line => Assert.InRange(line.Length, 0, 20));
        Assert.Single(Screen.Of(_output.ToString()), line => line.Contains("step ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_notice_stays_above_the_frames_that_follow()
    {
        Terminal terminal = TerminalOf(100);
        using var view = new LiveTrainingView(terminal, _time);
        view.Notice("placed on 8 ranks");
        view.StepCompleted(Step(1));
        view.Notice("checkpoint [1/2] written");
        terminal.Notices.WriteLine("actors: stopping");
        _time.Pass(1);
        view.StepCompleted(Step(2));
        _time.Pass(1);
        view.StepCompleted(Step(3));

        IReadOnlyList<string> lines = Screen.Of(_output.ToString());
        Assert.Equal(["actors: checkpoint [1/2] written", "actors: stopping"], lines.Take(2));
        Assert.StartsWith("step 3/4", lines[2], StringComparison.Ordinal);
        Assert.Equal("actors: placed on 8 ranks\n", _error.ToString());
    }

    [Fact]
    public void Disposing_leaves_the_last_step_on_the_screen_and_notices_go_to_stderr_again()
    {
        Terminal terminal = TerminalOf(100);
        var view = new LiveTrainingView(terminal, _time);
        view.StepCompleted(Step(1));
        view.StepCompleted(Step(2));

        view.Dispose();
        terminal.Notices.WriteLine("late");

        Assert.StartsWith("step 2/4", Screen.Of(_output.ToString())[0], StringComparison.Ordinal);
        Assert.Equal("late\n", _error.ToString());
    }

    [Theory]
    [InlineData(true, true, typeof(LiveTrainingView))]
    [InlineData(true, false, typeof(PlainTrainingView))]
    [InlineData(false, false, typeof(PlainTrainingView))]
    public void Only_a_terminal_that_takes_control_sequences_is_redrawn(bool isInteractive, bool hasColor, Type expected)
    {
        var terminal = new Terminal(_output, _error, isInteractive, 100, hasColor);

        using ITrainingView view = TrainingViews.For(terminal, isJson: false, _time);

        Assert.IsType(expected, view);
    }

    private LiveTrainingView View(int width) => new(TerminalOf(width), _time);

    private Terminal TerminalOf(int width) => new(_output, _error, true, width, false);

    private static StepReport Step(int step) => new(step, 4, 2.3412, [], 0, 1.8e-3, 0.87, 31_234, 0.123, 0.045, 0.2, 0.75, null, [0, 10, 20, 30], [], 0, 0);
}
