using System.Collections.Immutable;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Placement;
using Akka.Actor;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Cluster.Processes;

/// <summary>Which share a process takes, and what it says of it.</summary>
public sealed class ProcessShares : IDisposable
{
    private readonly Kit _kit = new();
    private readonly Shares _shares = new();
    private readonly TestProbe _leader;
    private readonly IActorRef _process;

    public ProcessShares()
    {
        _leader = _kit.CreateTestProbe();
        var identity = new ProcessIdentity(new ProcessDescription("p0", "here", "hash", "127.0.0.1", 1, Devices: 0, Held: null), "secret of the test"u8.ToArray());
        Shares shares = _shares;
        _process = _kit.Sys.ActorOf(Props.Create(() => new ProcessActor(identity, shares, new ShareStatus(), Telemetry.None)));
    }

    public void Dispose()
    {
        _shares.Freed.TrySetResult();
        _kit.Dispose();
    }

    [Fact]
    public async Task An_order_that_is_dropped_before_the_share_before_it_is_free_is_not_taken()
    {
        await PrepareAsync(1);
        Tell(Order(2));
        Tell(new DropShare(2));
        await _leader.ExpectMsgAsync(new ShareDropped(2));

        _shares.Freed.SetResult();
        Tell(new DropShare(1));
        await _leader.FishForMessageAsync<ShareDropped>(dropped => dropped.Epoch == 1);

        Assert.Null((await IntroducedAsync()).Held);
        Assert.Equal([1], _shares.Opened);
    }

    [Fact]
    public async Task An_epoch_that_is_over_is_refused_and_the_highest_remembered()
    {
        await PrepareAsync(3);
        _shares.Freed.SetResult();
        Tell(new DropShare(3));
        await _leader.FishForMessageAsync<ShareDropped>(dropped => dropped.Epoch == 3);

        Tell(Order(2));

        Assert.Equal("epoch 2 is over, epoch 3 is known here", (await _leader.ExpectMsgAsync<ShareRefused>()).Reason);
        Assert.Equal(3, (await IntroducedAsync()).Epoch);
    }

    private static PrepareShare Order(int epoch) =>
        new(epoch, 0, [new ProcessShare("p0", "here", "127.0.0.1", 1, [0])], Checkpoint: null, new TrainRun("folder", "run"), new PlanSizes(DataGroups: 1, ExpertRanks: 1, RanksPerNode: 1, MicroBatches: 1));

    private void Tell(object message) => _process.Tell(message, _leader);

    private async Task PrepareAsync(int epoch)
    {
        Tell(Order(epoch));
        Assert.Equal(epoch, (await _leader.ExpectMsgAsync<SharePrepared>()).Epoch);
    }

    private async Task<ProcessDescription> IntroducedAsync()
    {
        Tell(new Introduce([1]));
        return (await _leader.ExpectMsgAsync<ProcessIntroduced>()).Process;
    }

    private sealed class Kit : ActorKit;

    /// <summary>Shares of nothing, which are free when the test says so.</summary>
    private sealed class Shares : IShareOpener
    {
        public List<int> Opened { get; } = [];

        public TaskCompletionSource Freed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<IRunShare> OpenAsync(PrepareShare order, Action<int, string> peerLost, CancellationToken cancellation)
        {
            Opened.Add(order.Epoch);
            return Task.FromResult<IRunShare>(new Nothing(Freed.Task));
        }

        private sealed class Nothing(Task freed) : IRunShare
        {
            public (ImmutableArray<IActorRef> Nodes, IActorRef Saver) Start(IActorRefFactory actors) => ([], ActorRefs.Nobody);

            public ValueTask DisposeAsync() => new(freed);
        }
    }
}
