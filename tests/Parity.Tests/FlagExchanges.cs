using Actors.Cpu;
using Actors.Gpu.Backend;
using Actors.Model.Transfer;
using Actors.Tensors;
using Actors.Tests.Support;

namespace Actors.Parity.Tests;

/// <summary>
/// Exchanges by marks and by flags give the bits of the CPU, over windows that hold NaN at first, whatever ranks, nodes, experts and tokens there are; and a wait for a
/// rank ends.
/// </summary>
[Collection(nameof(WaitingRanks))]
public sealed class FlagExchanges
{
    private const int ExchangesPerGroup = 50;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.BFloat16)]
    public void Flags_and_marks_give_the_same_bits_on_the_cpu(ElementType type)
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var data = new ExchangeData(1 + (seed % 8), exchanges: 6, type, seed);
            using var cpu = new CpuBackend();
            using ExchangeGroup marks = OnCpu(cpu, data), flags = OnCpu(cpu, data);
            for (int exchange = 0; exchange < data.Exchanges; exchange++)
            {
                marks.EnqueueByMarks(exchange);
                EnqueueByFlags(flags, data, exchange);
            }

            Assert.Equal(marks.Sums(), flags.Sums());
            Assert.Equal(marks.Tallies(), flags.Tallies());
        }
    }

    [CudaGroupFact]
    public void Exchanges_by_marks_have_the_bits_of_the_cpu() => ForGroups(200, (data, expected, found) =>
    {
        for (int exchange = 0; exchange < data.Exchanges; exchange++)
        {
            found.EnqueueByMarks(exchange);
        }

        Assert.Equal(expected.Sums(), found.Sums());
        Assert.Equal(expected.Tallies(), found.Tallies());
    });

    [CudaGroupFact]
    public void Exchanges_by_flags_have_the_bits_of_the_cpu() => ForGroups(100, (data, expected, found) =>
    {
        for (int exchange = 0; exchange < data.Exchanges; exchange++)
        {
            for (int rank = 0; rank < data.Ranks; rank++)
            {
                found.EnqueueByFlags((rank + exchange) % data.Ranks, exchange);
            }
        }

        found.Wait();
        Assert.Null(found.Flags.Failure);
        Assert.Equal(expected.Sums(), found.Sums());
        Assert.Equal(expected.Choices(), found.Choices());
        Assert.Equal(expected.Tallies(), found.Tallies());
    });

    /// <summary>Ten thousand exchanges, most of them recorded, without a rank that waits for another's last or next one.</summary>
    [CudaGroupFact]
    public void Recorded_exchanges_count_on_when_they_are_played()
    {
        const int Plays = 5_000;
        var data = new ExchangeData(2, exchanges: 2, ElementType.BFloat16, seed: 1);
        using ExchangeGroup expected = Expected(data), found = OnGpus(data);
        RecordedWork[] works = [.. Enumerable.Range(0, data.Ranks).Select(rank =>
        {
            found.EnqueueByFlags(rank, 0);
            found.EnqueueByFlags(rank, 1);
            found.StreamOf(rank).BeginRecording();
            found.EnqueueByFlags(rank, 0);
            found.EnqueueByFlags(rank, 1);
            return found.StreamOf(rank).EndRecording();
        })];
        for (int play = 0; play < Plays; play++)
        {
            for (int rank = 0; rank < data.Ranks; rank++)
            {
                found.StreamOf(rank).Play(works[rank]);
            }
        }

        found.Wait();
        Assert.Null(found.Flags.Failure);
        Assert.Equal(expected.Sums(), found.Sums());
        Array.ForEach(works, work => work.Dispose());
    }

    /// <summary>The first rank waits on its device while the second one's is given some two seconds of copies before its exchange.</summary>
    [CudaGroupFact]
    public void A_rank_that_is_late_is_waited_for()
    {
        const int Copies = 5_000;
        const int Elements = 1 << 28;
        var data = new ExchangeData(2, exchanges: 1, ElementType.Float32, seed: 2);
        using ExchangeGroup expected = Expected(data), found = OnGpus(data);
        // Before anybody waits: to allocate memory may wait for what runs on peers' GPUs.
        using DeviceBuffer first = CudaGroup.Devices[1].Allocate(2L * Elements * sizeof(float));
        found.EnqueueByFlags(0, 0);
        var halves = new Tensor(first, 0, 2, Elements, Elements, ElementType.Float32);
        for (int copy = 0; copy < Copies; copy++)
        {
            found.StreamOf(1).Copy(halves.RowRange(0, 1), halves.RowRange(1, 1));
        }

        found.EnqueueByFlags(1, 0);
        found.Wait();
        Assert.Null(found.Flags.Failure);
        Assert.Equal(expected.Sums(), found.Sums());
    }

    [CudaGroupFact]
    public void A_rank_that_never_comes_is_named_and_the_next_exchange_is_right()
    {
        var data = new ExchangeData(2, exchanges: 2, ElementType.Float32, seed: 3);
        using ExchangeGroup expected = Expected(data), found = OnGpus(data, TimeSpan.FromSeconds(0.5));
        for (int time = 0; time < 2; time++)
        {
            found.EnqueueByFlags(0, 0);
            found.EnqueueByFlags(0, 1);
            using (var reader = new HostReader(found.StreamOf(0)))
            {
                reader.Wait();
            }

            Assert.Equal(
                "DispatchTokens of expert rank 0: rank 1 has not come to exchange 1 within 0.5 s; its flag 0 says 0", WithoutBlock(found.Flags.Failure!));
            found.Flags.Reset(found.StreamOf(0), 0);
            found.Flags.Reset(found.StreamOf(1), 1);
            found.Wait();
            Assert.Null(found.Flags.Failure);
            for (int exchange = 0; exchange < data.Exchanges; exchange++)
            {
                EnqueueByFlags(found, data, exchange);
            }

            found.Wait();
            Assert.Null(found.Flags.Failure);
            Assert.Equal(expected.Sums(), found.Sums());
            found.Flags.Reset(found.StreamOf(0), 0);
            found.Flags.Reset(found.StreamOf(1), 1);
            found.Wait();
        }
    }

    /// <summary>The second rank dispatches and then stops: the first one's wait for its sums ends.</summary>
    [CudaGroupFact]
    public void A_rank_that_stops_after_its_rows_is_named()
    {
        var data = new ExchangeData(2, exchanges: 1, ElementType.Float32, seed: 4);
        using ExchangeGroup found = OnGpus(data, TimeSpan.FromSeconds(0.5));
        found.EnqueueByFlags(0, 0);
        found.Dispatch(1, 0);
        found.Wait();
        Assert.Equal(new FlagTimeout(0, 1, "CombineTokens", Block: 0, Expected: 1, Got: 0, TimeSpan.FromSeconds(0.5)), found.Flags.Failure);
    }

    [CudaGroupFact]
    public void Ranks_that_share_a_gpu_have_no_flags()
    {
        CudaBackend gpu = CudaGroup.Devices[0];
        Assert.Throws<ArgumentException>(() => gpu.CreateFlags([gpu, gpu], tokens: 1, Limit));
    }

    private static string WithoutBlock(FlagTimeout failure) => (failure with { Block = 0 }).ToString();

    private static void ForGroups(int groups, Action<ExchangeData, ExchangeGroup, ExchangeGroup> check)
    {
        for (int seed = 0; seed < groups; seed++)
        {
            int ranks = 2 + (seed % (CudaGroup.Devices.Count - 1));
            var data = new ExchangeData(ranks, ExchangesPerGroup, seed % 2 == 0 ? ElementType.Float32 : ElementType.BFloat16, seed);
            using ExchangeGroup expected = Expected(data), found = OnGpus(data);
            check(data, expected, found);
        }
    }

    private static ExchangeGroup Expected(ExchangeData data)
    {
        ExchangeGroup group = OnCpu(new CpuBackend(), data);
        for (int exchange = 0; exchange < data.Exchanges; exchange++)
        {
            EnqueueByFlags(group, data, exchange);
        }

        return group;
    }

    private static void EnqueueByFlags(ExchangeGroup group, ExchangeData data, int exchange)
    {
        Each(rank => group.Dispatch(rank, exchange));
        Each(group.Compute);
        Each(rank => group.Combine(rank, exchange));

        void Each(Action<int> part)
        {
            for (int rank = 0; rank < data.Ranks; rank++)
            {
                part(rank);
            }
        }
    }

    private static ExchangeGroup OnCpu(CpuBackend cpu, ExchangeData data) => new([.. Enumerable.Repeat<IBackend>(cpu, data.Ranks)], data, Limit);

    private static ExchangeGroup OnGpus(ExchangeData data, TimeSpan? limit = null) => new([.. CudaGroup.Devices.Take(data.Ranks)], data, limit ?? Limit);
}
