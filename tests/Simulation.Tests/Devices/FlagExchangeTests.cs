using Actors.Cpu;
using Actors.Simulation.Devices;
using Actors.Simulation.Turns;
using Actors.Tensors;

namespace Actors.Simulation.Tests.Devices;

/// <summary>
/// Ranks that wait for flags in each other's memory get the bits of the CPU, whenever rows and flags come there; flags that may come before rows are noticed. A rank
/// that is late is waited for, one that does not come is named.
/// </summary>
public sealed class FlagExchangeTests
{
    private const int Exchanges = 5;

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6)]
    public void Sums_have_the_bits_of_the_cpu(int ranks) => Seeds.ForAll(40, seed =>
    {
        using var bench = new Bench(ranks, seed);
        bench.Play(rank => bench.Loop.Draw(1 << 16));
        Assert.Equal(bench.Expected.Sums(), bench.Found.Sums());
        Assert.Equal(bench.Expected.Choices(), bench.Found.Choices());
    });

    /// <summary>What the test above would find in a device whose flags overtake what was written before them.</summary>
    [Fact]
    public void Flags_that_overtake_rows_are_noticed()
    {
        int wrong = 0;
        Seeds.ForAll(20, seed =>
        {
            using var bench = new Bench(ranks: 4, seed, releasesFlags: false);
            bench.Play(rank => bench.Loop.Draw(1 << 16));
            wrong += bench.Expected.Sums().AsSpan().SequenceEqual(bench.Found.Sums()) ? 0 : 1;
        });
        Assert.True(wrong > 0, "no seed has given wrong sums");
    }

    [Fact]
    public void Recorded_exchanges_count_on_when_they_are_played() => Seeds.ForAll(10, seed =>
    {
        using var bench = new Bench(ranks: 2, seed);
        RecordedWork[] works = [.. Enumerable.Range(0, 2).Select(rank =>
        {
            bench.Found.StreamOf(rank).BeginRecording();
            bench.EnqueueAll(rank);
            return bench.Found.StreamOf(rank).EndRecording();
        })];
        bench.Run(rank =>
        {
            bench.Found.StreamOf(rank).Play(works[rank]);
            bench.Found.StreamOf(rank).Play(works[rank]);
        });
        Assert.Equal(bench.Expected.Sums(), bench.Found.Sums());
    });

    [Fact]
    public void A_rank_that_is_late_is_waited_for() => Seeds.ForAll(10, seed =>
    {
        using var bench = new Bench(ranks: 3, seed, limit: TimeSpan.FromSeconds(3));
        bench.Play(rank => rank == 1 ? 2 * TimeSpan.TicksPerSecond : 0);
        Assert.Null(bench.Found.Flags.Failure);
        Assert.Equal(bench.Expected.Sums(), bench.Found.Sums());
    });

    [Fact]
    public void A_rank_that_never_comes_is_named_and_the_next_exchange_is_right() => Seeds.ForAll(10, seed =>
    {
        using var bench = new Bench(ranks: 3, seed, limit: TimeSpan.FromSeconds(3));
        bench.Run(rank =>
        {
            if (rank != 2)
            {
                bench.EnqueueAll(rank);
            }
        });
        FlagTimeout failure = bench.Found.Flags.Failure!;
        Assert.Equal((2, 1u, 0u), (failure.Peer, failure.Expected, failure.Got));
        Assert.Equal(
            $"DispatchTokens of expert rank {failure.Rank}: rank 2 has not come to exchange 1 within 3 s; its flag 0 says 0", failure.ToString());

        bench.Run(rank => bench.Found.Flags.Reset(bench.Found.StreamOf(rank), rank));
        bench.Play(_ => 0);
        Assert.Null(bench.Found.Flags.Failure);
        Assert.Equal(bench.Expected.Sums(), bench.Found.Sums());
    });

    [Fact]
    public void A_rank_that_stops_after_its_rows_is_named() => Seeds.ForAll(10, seed =>
    {
        using var bench = new Bench(ranks: 3, seed, limit: TimeSpan.FromSeconds(3));
        bench.Run(rank =>
        {
            bench.Found.Dispatch(rank, 0);
            if (rank != 0)
            {
                bench.Found.Compute(rank);
                bench.Found.Combine(rank, 0);
            }
        });
        FlagTimeout failure = bench.Found.Flags.Failure!;
        Assert.Equal((0, "CombineTokens", 1u, 0u), (failure.Peer, failure.Operation, failure.Expected, failure.Got));
    });

    [Fact]
    public void Ranks_that_share_a_device_have_no_flags()
    {
        using var device = new SimulatedBackend(new CpuBackend(), new SimulationLoop(1), new DrawnCosts(new SimulationLoop(1)), ordersStreams: true);
        Assert.Throws<ArgumentException>(() => device.CreateFlags([device, device], tokens: 1, Timeout.InfiniteTimeSpan));
    }

    /// <summary>A group on simulated devices, and the same on the CPU.</summary>
    private sealed class Bench : IDisposable
    {
        private readonly ExchangeData _data;
        private readonly SimulatedBackend[] _devices;

        public Bench(int ranks, ulong seed, bool releasesFlags = true, TimeSpan? limit = null)
        {
            _data = new ExchangeData(ranks, Exchanges, ElementType.Float32, (int)seed);
            Loop = new SimulationLoop(seed);
            var costs = new DrawnCosts(Loop);
            _devices = [.. Enumerable.Range(0, ranks).Select(_ =>
                new SimulatedBackend(new PoisonedBackend(new CpuBackend()), Loop, costs, ordersStreams: true) { ReleasesFlags = releasesFlags })];
            Found = new ExchangeGroup(_devices, _data, limit ?? Timeout.InfiniteTimeSpan);
            var cpu = new CpuBackend();
            Expected = new ExchangeGroup([.. Enumerable.Repeat<IBackend>(cpu, ranks)], _data, Timeout.InfiniteTimeSpan);
            for (int exchange = 0; exchange < Exchanges; exchange++)
            {
                Each(rank => Expected.Dispatch(rank, exchange));
                Each(Expected.Compute);
                Each(rank => Expected.Combine(rank, exchange));
            }
        }

        public SimulationLoop Loop { get; }

        public ExchangeGroup Found { get; }

        public ExchangeGroup Expected { get; }

        /// <summary>Enqueues all exchanges of each rank so many ticks from now, and runs them.</summary>
        public void Play(Func<int, long> delay)
        {
            Each(rank => Loop.At(Loop.Now + delay(rank), () => EnqueueAll(rank)));
            Loop.Run(() => false);
        }

        /// <summary>Calls <paramref name="enqueue"/> with each rank, and runs what it enqueues.</summary>
        public void Run(Action<int> enqueue)
        {
            Each(rank => Loop.At(Loop.Now, () => enqueue(rank)));
            Loop.Run(() => false);
        }

        public void EnqueueAll(int rank)
        {
            for (int exchange = 0; exchange < Exchanges; exchange++)
            {
                Found.EnqueueByFlags(rank, exchange);
            }
        }

        public void Dispose()
        {
            Expected.Dispose();
            Found.Dispose();
            Array.ForEach(_devices, device => device.Dispose());
        }

        private void Each(Action<int> act)
        {
            for (int rank = 0; rank < _data.Ranks; rank++)
            {
                act(rank);
            }
        }
    }
}
