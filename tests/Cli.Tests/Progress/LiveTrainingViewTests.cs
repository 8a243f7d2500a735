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

    [Fact]
    public void A_frame_shows_position_loss_speed_bubble_communication_and_experts()
    {
        using LiveTrainingView view = View(width: 100);
        _time.Advance(TimeSpan.FromSeconds(2));

        view.StepCompleted(Step(1));

        Assert.Equal(
            """
            step 1/4  ███████░░░░░░░░░░░░░░░░░░░░░░░  25.0%  6.00 s left
            loss 2.3412   31.2K tokens/s   rate 1.80e-03   gradient 0.870
            bubble 12.3%   exposed communication 4.5%
            experts ▁▃▆█ 0.00..2.00 of the mean

            """,
            _output.ToString());
    }

    [Fact]
    public void The_next_frame_is_drawn_over_the_last()
    {
        using LiveTrainingView view = View(width: 100);
        view.StepCompleted(Step(1));
        int first = _output.ToString().Length;
        _time.Advance(TimeSpan.FromSeconds(1));

        view.StepCompleted(Step(2));

        Assert.StartsWith("\u001b[4A\r\u001b[0Jstep 2/4", _output.ToString()[first..], StringComparison.Ordinal);
    }

    [Fact]
    public void Frames_come_at_most_ten_times_a_second_but_the_last_always()
    {
        using LiveTrainingView view = View(width: 100);
        view.StepCompleted(Step(1));
        _time.Advance(TimeSpan.FromMilliseconds(50));
        view.StepCompleted(Step(2));
        Assert.DoesNotContain("step 2/4", _output.ToString(), StringComparison.Ordinal);

        view.StepCompleted(Step(4));

        Assert.Contains("step 4/4", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_are_cut_to_the_width_so_that_erasing_stays_right()
    {
        using LiveTrainingView view = View(width: 20);

        view.StepCompleted(Step(1));

        Assert.All(_output.ToString().Split('\n'), line => Assert.InRange(line.Length, 0, 19));
    }

    [Fact]
    public void A_notice_goes_above_the_frame()
    {
        using LiveTrainingView view = View(width: 100);
        view.StepCompleted(Step(1));

        view.Notice("checkpoint written");

        Assert.Equal("actors: checkpoint written\n", _error.ToString());
        Assert.EndsWith("of the mean\n", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Disposing_leaves_the_last_step_on_the_screen()
    {
        LiveTrainingView view = View(width: 100);
        view.StepCompleted(Step(1));
        view.StepCompleted(Step(2));

        view.Dispose();

        Assert.EndsWith("of the mean\n", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("step 2/4", _output.ToString(), StringComparison.Ordinal);
    }

    private LiveTrainingView View(int width) => new(new Terminal(_output, _error, true, width, false), _time);

    private static StepReport Step(int step) => new(step, 4, 2.3412, 1.8e-3, 0.87, 31_234, 0.123, 0.045, [0, 10, 20, 30]);

    private sealed class ManualTime : TimeProvider
    {
        private long _now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan time) => _now += time.Ticks;
    }
}
