using Actors.Runtime.Diagnostics;
using Actors.Runtime.Pipeline;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Tests.Diagnostics;

/// <summary>The watch of ten seconds decides from the time that has passed, whenever its leader looks.</summary>
public sealed class StallWatchTests
{
    private readonly ManualTime _time = new();
    private readonly RecordingLoggers _log = new(LogLevel.Warning);
    private readonly StallWatch _watch;

    public StallWatchTests()
    {
        _watch = new StallWatch(2, TimeSpan.FromSeconds(10), _time, _log.CreateLogger("leader"));
        _watch.Begin();
    }

    [Fact]
    public void Ranks_are_asked_after_half_the_timeout_without_a_report()
    {
        _time.Pass(4.9);
        Assert.False(_watch.MustAsk(out _));
        _time.Pass(0.1);
        Assert.True(_watch.MustAsk(out string? reason));
        Assert.Null(reason);
    }

    [Fact]
    public void A_report_between_two_looks_keeps_ranks_from_being_asked()
    {
        for (int look = 0; look < 10; look++)
        {
            _time.Pass(4);
            _watch.Heard();
            Assert.False(_watch.MustAsk(out _));
        }

        Assert.False(_watch.HasTimedOut());
    }

    [Fact]
    public void Nothing_moved_for_the_timeout_is_a_stall_that_names_those_who_lack_rows_first()
    {
        Ask(5);
        Assert.Null(Answer(moves: 7));
        Ask(5);
        Assert.Null(Answer(moves: 7));
        Ask(5);
        Assert.Equal("nothing has moved for 10 s (actors.watchdog.stall-timeout): rank 1 lacks rows; rank 0 waits", Answer(moves: 7));
    }

    [Fact]
    public void A_rank_that_moves_is_no_stall_however_long_the_step_takes()
    {
        for (int moves = 1; moves < 20; moves++)
        {
            Ask(5);
            Assert.Null(Answer(moves));
        }

        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void Ranks_that_do_not_answer_for_twice_the_timeout_are_a_stall()
    {
        Ask(5);
        Ask(5);
        Ask(5);
        _time.Pass(5);
        Assert.False(_watch.MustAsk(out string? reason));
        Assert.Equal("nothing has moved for 10 s (actors.watchdog.stall-timeout): rank 0 does not answer; rank 1 does not answer", reason);
    }

    [Fact]
    public void Half_the_timeout_without_a_move_is_one_warning_that_says_what_ranks_wait_for()
    {
        Ask(5);
        Answer(moves: 7);
        Ask(5);
        Answer(moves: 7);
        Ask(2);
        Answer(moves: 7);

        Assert.Equal(
            ["no progress: nothing has moved for 5 s (actors.watchdog.stall-timeout): rank 1 lacks rows; rank 0 waits"],
            _log.Of(LogLevel.Warning, "leader"));
    }

    [Fact]
    public void A_new_step_starts_the_time_again()
    {
        Ask(5);
        Answer(moves: 7);
        _time.Pass(9);
        _watch.Begin();
        Assert.False(_watch.MustAsk(out _));
        Ask(5);
        Assert.Null(Answer(moves: 7));
    }

    private void Ask(double seconds)
    {
        _time.Pass(seconds);
        Assert.True(_watch.MustAsk(out _));
    }

    private string? Answer(long moves) => _watch.Add(new StateDescribed(0, moves, LacksRows: false, "rank 0 waits"))
        ?? _watch.Add(new StateDescribed(1, moves, LacksRows: true, "rank 1 lacks rows"));
}
