using Actors.Cpu;
using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Pipeline;

/// <summary>A stage that runs ahead of its device reports when components ran there.</summary>
public sealed class DeviceTimesTests : IDisposable
{
    private static readonly Component Dense = new(ComponentKind.AttentionForward, 0, 0, 0), Experts = new(ComponentKind.ExpertsForward, 0, 0, 0),
        Sends = new(ComponentKind.StartDispatch, 0, 0, 0);

    private readonly ManualTime _time = new();
    private readonly TraceRecorder _trace = new(16);
    private readonly RowsArrived _moved = new(0, ExchangePhase.Forward);
    private readonly TimedBackend _backend = new();
    private readonly IStream _stream;
    private readonly StageClock _clock;

    public DeviceTimesTests()
    {
        _stream = _backend.CreateStream("rank 0");
        _clock = new StageClock(_time, _trace, exchanges: 1, components: 4, new DeviceTimes(_backend, _stream, _time, components: 4));
    }

    public void Dispose()
    {
        _clock.Dispose();
        _stream.Dispose();
        _backend.Dispose();
    }

    [Fact]
    public void Components_are_traced_and_counted_when_the_device_ran_them()
    {
        // Enqueued within a millisecond; run from 2 to 10 and, after a gap, from 14 to 20.
        _backend.Milliseconds = [0, 2, 10, 14, 20];
        Pass(5);
        long begun = _time.GetTimestamp();
        _clock.Begin();
        Play(Dense);
        Pass(1);
        Play(Experts);
        Pass(24);

        RankTimes times = _clock.Finish();

        Assert.Equal((Ticks(8), Ticks(6), Ticks(14), Ticks(25)), (times.Compute, times.Experts, times.Device, times.Total));
        Assert.Equal(1 - (14 / 25.0), times.DeviceIdleShare!.Value, 12);
        Assert.Equal(
            [new TraceEvent(TraceKind.Compute, Dense, begun + Ticks(2), begun + Ticks(10)), new TraceEvent(TraceKind.Compute, Experts, begun + Ticks(14), begun + Ticks(20))],
            _trace.Events.ToArray());
    }

    [Fact]
    public void Waiting_counts_where_the_device_had_nothing_to_run()
    {
        _backend.Milliseconds = [0, 0, 10, 30, 40];
        _clock.Begin();
        Play(Dense);
        Pass(1);
        _clock.BeginWait();
        Pass(28);
        _clock.Start(Experts, null);
        _clock.Enqueue();
        _clock.End(Experts);
        Pass(11);

        // The stage waited from 1 to 29, and the device ran until 10.
        Assert.Equal(Ticks(19), _clock.Finish().Bubble);
    }

    [Fact]
    public void A_stream_that_waits_for_another_stages_rows_has_a_bubble_though_the_stage_has_gone_on()
    {
        _backend.Milliseconds = [0, 3, 10, 30, 40];
        _clock.Begin();
        Play(Dense, awaitsStage: true);
        Play(Experts, awaitsStage: true);
        Pass(41);

        Assert.Equal(Ticks(3 + 20), _clock.Finish().Bubble);
    }

    [Fact]
    public void Rows_are_hidden_where_the_device_computed()
    {
        _backend.Milliseconds = [0, 4, 12];
        _clock.Begin();
        long begun = _time.GetTimestamp();
        _clock.CommunicationStarted(Dense, 0, ExchangePhase.Forward, begun);
        Play(Dense);
        _clock.RowsMoved(new CombineCompleted(0, ExchangePhase.Forward) { LastStart = begun, End = begun + Ticks(10) }, isLast: true);

        Assert.Equal(new CommunicationTime(Ticks(10), Ticks(6)), _clock.Finish().Communication);
    }

    [Fact]
    public void Rows_that_the_device_moves_are_under_way_when_it_moved_them()
    {
        // Marks in the order in which they are made: the step, the component that begins the move (0 to 2), the move (6 to 11), the experts: reached at 3, run to 30, from 14.
        _backend.Milliseconds = [0, 0, 2, 6, 11, 3, 30, 14];
        _clock.MoveOnDevice();
        _clock.Begin();
        long begun = _time.GetTimestamp();
        MoveAndTake();
        Pass(30);

        RankTimes times = _clock.Finish();

        Assert.Equal(new CommunicationTime(Ticks(5), 0), times.Communication);
        Assert.Equal((Ticks(5), Ticks(6), Ticks(18)), (times.ExposedCommunication, times.Skew, times.Device));
        Assert.Equal(
            [
                new TraceEvent(TraceKind.Compute, Sends, begun, begun + Ticks(2)), new TraceEvent(TraceKind.Compute, Experts, begun + Ticks(14), begun + Ticks(30)),
                new TraceEvent(TraceKind.Skew, Sends, begun + Ticks(2), begun + Ticks(6)), new TraceEvent(TraceKind.Communication, Sends, begun + Ticks(6), begun + Ticks(11)),
            ],
            _trace.Events.ToArray());
    }

    [Fact]
    public void Marks_of_moves_are_used_again_without_allocation()
    {
        _backend.Milliseconds = [0, 0, 2, 6, 11, 3, 30, 14];
        _clock.MoveOnDevice();
        Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Step();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(8, _backend.Marks);

        void Step()
        {
            _clock.Begin();
            MoveAndTake();
            _clock.Finish();
        }
    }

    [Fact]
    public void Marks_are_made_in_the_first_step_and_used_again_without_allocation()
    {
        _backend.Milliseconds = [0, 0, 1, 1, 2];
        Step();
        Assert.Equal(5, _backend.Marks);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Step();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(5, _backend.Marks);
    }

    [Fact]
    public void Without_a_device_that_is_measured_nothing_is_said_of_it()
    {
        using var clock = new StageClock(_time, _trace, exchanges: 1, components: 1);
        clock.Begin();
        clock.Start(Dense, null);
        clock.Enqueue();
        Pass(3);
        clock.End(Dense);

        Assert.Null(clock.Finish().DeviceIdleShare);
        Assert.Equal(1, _backend.Marks);
    }

    private void MoveAndTake()
    {
        _clock.Start(Sends, null);
        _clock.Enqueue();
        _clock.CommunicationStarted(Sends, 0, ExchangePhase.Forward, _time.GetTimestamp());
        _clock.End(Sends);
        _clock.MoveStarts(_stream);
        _clock.MoveEnds(_stream, 0, ExchangePhase.Forward, isSums: false);
        _clock.RowsMoved(_moved, isLast: true);
        _clock.Start(Experts, (0, ExchangePhase.Forward));
        _clock.Enqueue();
        _clock.Arrived();
        _clock.End(Experts);
    }

    private static long Ticks(int milliseconds) => milliseconds * TimeSpan.TicksPerMillisecond;

    private void Step()
    {
        _clock.Begin();
        Play(Dense);
        Play(Experts);
        _clock.Finish();
    }

    private void Pass(int milliseconds) => _time.Pass(milliseconds / 1e3);

    private void Play(Component component, bool awaitsStage = false)
    {
        _clock.Start(component, null);
        _clock.Enqueue(awaitsStage);
        _clock.End(component);
    }

    /// <summary>A backend whose marks, in the order in which they were made, are reached at given times.</summary>
    private sealed class TimedBackend() : WrappedBackend(new CpuBackend())
    {
        public int[] Milliseconds { get; set; } = [];

        public int Marks { get; private set; }

        public override StreamMark CreateMark(bool isTimed = false) => new TimedMark(this, Marks++);

        private sealed class TimedMark(TimedBackend backend, int number) : StreamMark
        {
            public override double SecondsSince(StreamMark earlier) => (backend.Milliseconds[number] - backend.Milliseconds[((TimedMark)earlier).Number]) / 1e3;

            private int Number => number;
        }
    }
}
