using Actors.Cpu;
using Actors.Runtime.Cluster;
using Actors.Runtime.Cluster.Links;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Layout;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Fabric;
using Actors.Runtime.Tests.Peers;
using Actors.Runtime.Tests.Training;
using Actors.Runtime.Training.Copies;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Tests.Cluster.Links;

/// <summary>
/// Messages of a step as frames, from the telling at one process to the telling at the other. Counts the whole process's allocations: runs
/// while no other test does.
/// </summary>
[Collection(nameof(SteadyState))]
public sealed class FrameAllocations(ActorSystemFixture actors) : IClassFixture<ActorSystemFixture>
{
    private const int Batches = 200, Epoch = 3, Target = 2, Receiver = 0;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_that_crosses_as_a_frame_allocates_nothing(bool sharesMemory)
    {
        using var backend = new CpuBackend();
        using var here = new Side(backend, node: 0);
        using var there = new Side(backend, node: 1);
        there.Count(actors.System, Target);
        using LinkPair pair = await LinkPair.OpenAsync(
            LinkPair.Settings with { SharedMemory = sharesMemory, PingInterval = TimeSpan.FromHours(1) },
            new LinkPair.Setup { ListenerSink = new FrameReceiver(there, Epoch) });
        new RankLinks(here, Epoch, _ => pair.Connected).Connect(actors.System);
        CancellationToken timeout = TestContext.Timeout();
        long least = long.MaxValue;
        for (int round = 0; round < 6; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int batch = 0; batch < Batches; batch++)
            {
                here.Tell(here.Addresses[Target]);
                there.HasAll.Wait(timeout);
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        // The smallest object a message would be 24 bytes; half of the bound is for the batches' waits and a grown work queue.
        int messages = Batches * Side.Messages;
        Assert.True(least < messages * 2, $"{least} bytes for {messages} messages in {Batches} batches");
    }

    /// <summary>A node of the plan in a process of its own.</summary>
    private sealed class Side : ILinkedRanks, IDisposable
    {
        /// <summary>Messages of a batch.</summary>
        public const int Messages = 13;

        private const int Rows = 3, Columns = 32;
        private readonly FabricRings _rings;
        private readonly int _node;
        private readonly FrameMessage[] _rows =
        [
            new ActivationArrived(1, 2), new GradientArrived(0, 1), new BlockSumArrived(4, IsWhole: true), new BlockSumArrived(4, IsWhole: false),
            new BlockValuesArrived(5), new BlockCopyArrived(Receiver, 6),
        ];

        private readonly object[] _plain = [new BlockCopied(7), new FrameReleased(Receiver)];
        private readonly HeaderArrived _header = new(1, Receiver, Channels: 1);
        private int _arrived;

        public Side(CpuBackend backend, int node)
        {
            _node = node;
            GroupShape shape = Plan.GroupShape();
            _rings = new FabricRings(backend, shape, Plan.Fabric);
            Frames = new FrameTransport([backend], Plan, rank => IsHere(rank) ? 0 : null);
            Addresses = new RankAddresses(Plan);
            foreach (RingKind kind in (ReadOnlySpan<RingKind>)[RingKind.Dispatch, RingKind.Combine])
            {
                _rings.RingOf(kind, Target, 0, Receiver).Header(0).Rows = Rows;
            }
        }

        public RunPlan Plan { get; } = TrainingFixture.SmallPlan with { SeparatesNodes = true };

        public RankAddresses Addresses { get; }

        public FrameTransport Frames { get; }

        public int Blocks => 10;

        public long MaxFrameElements => Rows * Columns;

        public SemaphoreSlim HasAll { get; } = new(0);

        public bool IsHere(int rank) => Plan.NodeOf(rank) == _node;

        public int ExchangesOf(int rank) => 2;

        public FabricRings? RingsOf(RankPosition rank) => _rings;

        /// <summary>Puts someone who counts where a rank's actors would be.</summary>
        public void Count(ActorSystem system, int rank)
        {
            var counter = new LinkRef(system, "counter", Take);
            Addresses.Set(rank, new RankActors(counter, counter, counter, [counter]));
        }

        /// <summary>Tells a rank one message of each kind.</summary>
        public void Tell(RankActors rank)
        {
            rank.Window.Tell(_header, ActorRefs.NoSender);
            foreach (RingKind kind in (ReadOnlySpan<RingKind>)[RingKind.Dispatch, RingKind.Combine])
            {
                rank.Channels[0].Tell(_rings.RingOf(kind, Target, 0, Receiver).Arrived(0), ActorRefs.NoSender);
                rank.Channels[0].Tell(_rings.RingOf(kind, Receiver, 0, 1).Released(0), ActorRefs.NoSender);
            }

            foreach (FrameMessage message in _rows)
            {
                message.Frame = new Frame(Frames.Reserve(Receiver, Target, Rows, Columns, ElementType.Float32), Receiver);
                rank.Stage.Tell(message, ActorRefs.NoSender);
            }

            foreach (object message in _plain)
            {
                rank.Stage.Tell(message, ActorRefs.NoSender);
            }
        }

        public void Dispose()
        {
            HasAll.Dispose();
            _rings.Dispose();
            Frames.Dispose();
        }

        private void Take(object message)
        {
            if (message is FrameMessage rows)
            {
                Frames.Return(rows.Take());
            }

            // The lanes' readers count at once.
            if (Interlocked.Increment(ref _arrived) % Messages == 0)
            {
                HasAll.Release();
            }
        }
    }
}
