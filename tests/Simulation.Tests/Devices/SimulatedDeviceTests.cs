using Actors.Cpu;
using Actors.Simulation.Devices;
using Actors.Simulation.Turns;
using Actors.Tensors;

namespace Actors.Simulation.Tests.Devices;

public sealed class SimulatedDeviceTests
{
    private const int Cost = 1_000;

    [Fact]
    public void Operations_of_a_stream_follow_each_other_and_those_of_two_run_beside_each_other()
    {
        using var bench = new Bench(seed: 1);
        using IStream first = bench.Backend.CreateStream("first"), second = bench.Backend.CreateStream("second");
        bench.Run(() =>
        {
            first.Zero(bench.Vector());
            first.Zero(bench.Vector());
            first.Notify(bench.Ends("first"));
            second.Zero(bench.Vector());
            second.Notify(bench.Ends("second"));
        });

        Assert.Equal(["second after 1000", "first after 2000"], bench.Ended);
    }

    [Fact]
    public void Movements_of_a_link_take_no_longer_together_than_the_longest_and_end_in_order()
    {
        Seeds.ForAll(20, seed =>
        {
            using var bench = new Bench(seed);
            using var link = new SimulatedLink(new HostLink(), bench.Loop, bench);
            bench.Run(() =>
            {
                for (int i = 0; i < 3; i++)
                {
                    link.Gather(bench.Vector(), [0], bench.Vector());
                    link.Notify(bench.Ends($"{i}"));
                }

                Assert.False(link.IsIdle);
            });

            Assert.Equal(["0 after 1000", "1 after 1000", "2 after 1000"], bench.Ended);
            Assert.True(link.IsIdle);
        });
    }

    /// <summary>Work is really done now and then at its start, now and then at its end: a test meets who reads too early and who overwrites too early.</summary>
    [Fact]
    public void A_result_may_be_there_before_its_completion_or_not_until_it()
    {
        var seen = new HashSet<float>();
        Seeds.ForAll(20, seed =>
        {
            using var bench = new Bench(seed);
            using IStream stream = bench.Backend.CreateStream("stream");
            Tensor x = bench.Vector(), y = bench.Vector();
            (x.AsSpan<float>()[0], y.AsSpan<float>()[0]) = (1, 0);
            bench.Run(() =>
            {
                stream.Copy(x, y);
                stream.Notify(bench.Ends("copy"));
                seen.Add(y.AsSpan<float>()[0]);
            });
            Assert.Equal(1, y.AsSpan<float>()[0]);
        });

        Assert.Equal([0, 1], seen.Order());
    }

    [Fact]
    public void Recorded_operations_run_when_they_are_played_as_often_as_they_are()
    {
        using var bench = new Bench(seed: 1);
        using IStream stream = bench.Backend.CreateStream("stream");
        Tensor x = bench.Vector(), y = bench.Vector();
        (x.AsSpan<float>()[0], y.AsSpan<float>()[0]) = (1, 0);
        stream.BeginRecording();
        stream.Add(x, y, y);
        Assert.Throws<InvalidOperationException>(() => stream.Upload([1, 2, 3, 4], y));
        Assert.Throws<InvalidOperationException>(() => stream.Notify(bench.Ends("never")));
        using RecordedWork work = stream.EndRecording();
        Assert.Equal(0, y.AsSpan<float>()[0]);

        bench.Run(() =>
        {
            stream.Play(work);
            stream.Play(work);
            stream.Notify(bench.Ends("both"));
        });
        Assert.Equal(2, y.AsSpan<float>()[0]);
        Assert.Equal(["both after 2000"], bench.Ended);
    }

    [Fact]
    public void Host_memory_may_be_reused_when_an_upload_was_enqueued()
    {
        Seeds.ForAll(10, seed =>
        {
            using var bench = new Bench(seed);
            using IStream stream = bench.Backend.CreateStream("stream");
            Tensor x = bench.Vector();
            bench.Run(() =>
            {
                byte[] bytes = BitConverter.GetBytes(3f);
                stream.Upload(bytes, x);
                stream.Notify(bench.Ends("upload"));
                Array.Clear(bytes);
            });
            Assert.Equal(3f, x.AsSpan<float>()[0]);
        });
    }

    [Fact]
    public void A_failure_reaches_every_completion_after_it()
    {
        using var bench = new Bench(seed: 1);
        using IStream stream = bench.Backend.CreateStream("stream");
        bench.Run(() =>
        {
            stream.Notify(bench.Ends("before"));
            stream.Add(bench.Vector(), bench.Vector(columns: 2), bench.Vector());
            stream.Notify(bench.Ends("mismatch"));
            stream.Zero(bench.Vector());
            stream.Notify(bench.Ends("after"));
        });

        Assert.Equal(["before after 0", "mismatch failed", "after failed"], bench.Ended);
    }

    [Fact]
    public void Outside_the_loop_work_is_done_at_once()
    {
        using var bench = new Bench(seed: 1);
        using IStream stream = bench.Backend.CreateStream("stream");
        Tensor x = bench.Vector();
        x.AsSpan<float>()[0] = 5;
        stream.Zero(x);
        stream.Notify(bench.Ends("zero"));

        Assert.Equal(0, x.AsSpan<float>()[0]);
        Assert.Equal(["zero after 0"], bench.Ended);
    }

    [Fact]
    public void Marks_are_timed_by_the_device_also_where_it_had_nothing_to_run_between_them()
    {
        using var bench = new Bench(seed: 1);
        using IStream stream = bench.Backend.CreateStream("stream");
        using StreamMark first = bench.Backend.CreateMark(isTimed: true), second = bench.Backend.CreateMark(isTimed: true);
        using StreamMark third = bench.Backend.CreateMark(isTimed: true), other = bench.Backend.CreateMark();
        bench.Run(() =>
        {
            stream.Record(first);
            stream.Zero(bench.Vector());
            stream.Zero(bench.Vector());
            stream.Record(second);
        });
        bench.Loop.At(bench.Loop.Now + (3 * Cost), () => stream.Record(third));
        bench.Loop.Run(() => false);

        Assert.Equal(2 * Cost, Ticks(second.SecondsSince(first)));
        Assert.True(Ticks(third.SecondsSince(second)) >= Cost);
        Assert.Throws<InvalidOperationException>(() => other.SecondsSince(first));
    }

    private static long Ticks(double seconds) => (long)Math.Round(seconds * TimeSpan.TicksPerSecond);

    private sealed class Bench : ICosts, IDisposable
    {
        private readonly List<DeviceBuffer> _buffers = [];
        private readonly long _start;

        public Bench(ulong seed)
        {
            Loop = new SimulationLoop(seed);
            Backend = new SimulatedBackend(new CpuBackend(), Loop, this);
            _start = Loop.Now;
        }

        public SimulationLoop Loop { get; }

        public SimulatedBackend Backend { get; }

        public List<string> Ended { get; } = [];

        public long Of(Operation operation, Tensor result) => Cost;

        public long Of(Movement movement, Tensor destination) => Cost;

        public Tensor Vector(int columns = 1)
        {
            DeviceBuffer buffer = Backend.Allocate(columns * sizeof(float));
            _buffers.Add(buffer);
            return new Tensor(buffer, 0, 1, columns, columns, ElementType.Float32);
        }

        public IStreamCompletion Ends(string what) => new End(this, what);

        public void Run(Action work)
        {
            Loop.At(Loop.Now, work);
            Loop.Run(() => false);
        }

        public void Dispose()
        {
            _buffers.ForEach(buffer => buffer.Dispose());
            Backend.Dispose();
        }

        private sealed class End(Bench bench, string what) : IStreamCompletion
        {
            public void Completed(Exception? failure) =>
                bench.Ended.Add(failure is null ? $"{what} after {bench.Loop.Now - bench._start}" : $"{what} failed");
        }
    }
}
