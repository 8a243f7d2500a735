using Actors.Runtime.Dispatching;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Experts;
using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Tests.Fabric;

/// <summary>Windows open and rows move while ranks compute.</summary>
public sealed class WindowTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Rows_arrive_and_are_announced_while_every_thread_that_computes_is_busy()
    {
        var shape = new GroupShape(4, 2, experts: 8, choices: 2, columns: 3);
        using ActorSystem system = ActorSystem.Create("windows", RankDispatcher.For(shape.Ranks, threads: shape.Ranks, channelThreads: 1));
        using var computing = new CountdownEvent(shape.Ranks);
        using var end = new ManualResetEventSlim();
        using var group = new FabricGroup(
            system, shape, new FabricSettings(2, 4, 2), exchanges: 2, (backend, rank) => new BusyExperts(backend, computing, end));
        var random = new Random(3);
        foreach (SourceData[] sources in group.Data)
        {
            for (int rank = 0; rank < sources.Length; rank++)
            {
                sources[rank] = group.MakeData(random, 11, Choosing.Any(shape));
            }
        }

        // Exchange 0's rows are there and its experts hold all computing threads; only then is exchange 1 begun, from outside.
        Task first = group.PlayAsync(new Play([new Move(0, ExchangePhase.Forward)], UnderWay: 1));
        Assert.True(computing.Wait(Guard));
        for (int rank = 0; rank < shape.Ranks; rank++)
        {
            group.Data[1][rank].LayDown(group.FabricOf(rank).Source(rank, 1), ExchangePhase.Forward);
            new ExchangeStarter(rank, group.FabricOf(rank), group.Addresses, TimeProvider.System, group.Addresses.Stages[rank]).Dispatch(1);
        }

        Assert.True(
            SpinWait.SpinUntil(
                () => Enumerable.Range(0, shape.Ranks).All(rank =>
                    group.FabricOf(rank).Window(rank, 1) is { HeadersArrived: 0, TotalRows: > 0 } window
                    && window.RowsArrived(ExchangePhase.Forward) == window.TotalRows),
                Guard),
            "rows of exchange 1 wait for the experts of exchange 0");
        Assert.False(end.IsSet);

        end.Set();
        await first;
    }

    /// <summary>Experts that compute until they are told to end.</summary>
    private sealed class BusyExperts(IBackend backend, CountdownEvent computing, ManualResetEventSlim end) : IExpertWork
    {
        public IStream Stream { get; } = backend.CreateStream("busy");

        public void Forward(int exchange, ReceiveWindow window)
        {
            computing.Signal();
            Assert.True(end.Wait(Guard));
        }

        public void BackwardInput(int exchange, ReceiveWindow window) => throw new NotSupportedException();

        public void BackwardWeights(int exchange) => throw new NotSupportedException();

        public void Dispose() => Stream.Dispose();
    }
}
