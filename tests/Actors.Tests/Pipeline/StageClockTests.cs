using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;

namespace Actors.Runtime.Tests.Pipeline;

public sealed class StageClockTests
{
    private static readonly Component Sends = new(ComponentKind.StartDispatch, 0, 0, 0, IsPaired: true);
    private static readonly Component Other = new(ComponentKind.ExpertsBackward, 0, 1, 0, IsPaired: true);
    private static readonly Component Takes = new(ComponentKind.ExpertsForward, 0, 0, 0, IsPaired: true);

    private readonly ManualTime _time = new();
    private readonly TraceRecorder _trace = new(16);
    private readonly StageClock _clock;

    public StageClockTests()
    {
        _clock = new StageClock(_time, _trace, exchanges: 1, components: 8);
        _clock.Begin();
    }

    [Fact]
    public void Waiting_is_skew_until_the_last_sender_began_and_exposed_from_then()
    {
        long sent = At(0);
        _clock.CommunicationStarted(Sends, 0, ExchangePhase.Forward, sent);
        Compute(Other, from: 0, to: 10);
        _clock.BeginWait();
        At(40);
        _clock.RowsMoved(Moved(lastStart: 25, end: 30), isLast: true);
        _clock.Start(Takes, (0, ExchangePhase.Forward));

        RankTimes times = _clock.Finish();

        Assert.Equal(Ticks(15), times.Skew);
        Assert.Equal(Ticks(15), times.ExposedCommunication);
        Assert.Equal(new CommunicationTime(Ticks(5), 0), times.PairCommunication);
    }

    [Fact]
    public void Rows_that_came_while_the_rank_computed_are_hidden_though_it_hears_of_them_later()
    {
        _clock.CommunicationStarted(Sends, 0, ExchangePhase.Forward, At(0));
        Compute(Other, from: 0, to: 50);
        _clock.RowsMoved(Moved(lastStart: 10, end: 30), isLast: true);
        _clock.Start(Takes, (0, ExchangePhase.Forward));

        RankTimes times = _clock.Finish();

        Assert.Equal(0, times.Skew + times.ExposedCommunication);
        Assert.Equal(new CommunicationTime(Ticks(20), Ticks(20)), times.Communication);
        Assert.Contains(new TraceEvent(TraceKind.Communication, Sends, Ticks(10), Ticks(30)), _trace.Events.ToArray());
        Assert.Contains(new TraceEvent(TraceKind.Skew, Sends, 0, Ticks(10)), _trace.Events.ToArray());
    }

    [Fact]
    public void A_combine_ends_with_the_last_channel()
    {
        _clock.CommunicationStarted(Sends, 0, ExchangePhase.Forward, At(0));
        _clock.RowsMoved(Moved(lastStart: 4, end: 20), isLast: false);
        _clock.RowsMoved(Moved(lastStart: 6, end: 15), isLast: true);

        Assert.Equal(new CommunicationTime(Ticks(14), 0), _clock.Finish().Communication);
    }

    private static long Ticks(int milliseconds) => milliseconds * TimeSpan.TicksPerMillisecond;

    private static CombineCompleted Moved(int lastStart, int end) =>
        new(0, ExchangePhase.Forward) { LastStart = Ticks(lastStart), End = Ticks(end) };

    private long At(int milliseconds)
    {
        _time.Pass((Ticks(milliseconds) - _time.GetTimestamp()) / (double)TimeSpan.TicksPerSecond);
        return _time.GetTimestamp();
    }

    private void Compute(Component component, int from, int to)
    {
        At(from);
        _clock.Start(component, null);
        At(to);
        _clock.End(component);
    }
}
