using Actors.Cpu;
using Actors.Runtime.Cluster.Links;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Training;
using Actors.Tensors;
using Akka.Actor;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Fabric.Links;

/// <summary>Rows between two domains keep their type and their bits.</summary>
public sealed class FramePortTests
{
    [Theory]
    [InlineData(ElementType.BFloat16)]
    [InlineData(ElementType.Float32)]
    public async Task Values_arrive_in_another_domain_as_they_are(ElementType type)
    {
        using var domains = new TwoDomains();
        (Kit kit, TensorPool pool, FramePort from, FramePort to, int receiver) = (domains.Kit, domains.Pool, domains.From, domains.To, domains.Receiver);
        TestProbe[] stages = [.. Enumerable.Range(0, TwoDomains.Plan.Ranks).Select(_ => kit.CreateTestProbe())];
        from.Connect(stages, stages[0]);
        to.Connect(stages, stages[receiver]);
        Tensor values = pool.Rent(3, 5, type);
        byte[] bytes = [.. Enumerable.Range(1, 15 * type.SizeInBytes()).Select(value => (byte)value)];
        using IStream stream = domains.Backend.CreateStream("test");
        stream.Upload(bytes, values);

        from.Send(receiver, values, new Parcel(new BlockValuesArrived(7)));
        var message = stages[receiver].ExpectMsg<BlockValuesArrived>();
        Frame arrived = message.Frame;
        Assert.Equal((0, 3, 5, type), (arrived.Sender, arrived.Rows.Rows, arrived.Rows.Columns, arrived.Rows.Type));
        Frame kept = to.Keep(message)!.Value;

        stages[0].ExpectMsg<FrameReleased>();
        Assert.Equal((type, -1), (kept.Rows.Type, kept.Sender));
        var read = new byte[bytes.Length];
        stream.Download(kept.Rows, read);
        Assert.Equal(bytes, read);
        Assert.Equal(bytes.Length, from.BytesSent);
        await kit.EndAsync();
    }

    [Fact]
    public async Task A_frame_allocates_nothing_from_its_parts_to_its_credit()
    {
        const int Rounds = 1_000;
        using var domains = new TwoDomains();
        (Kit kit, TensorPool pool, FramePort from, FramePort to, int receiver) = (domains.Kit, domains.Pool, domains.From, domains.To, domains.Receiver);
        IActorRef[] stages = [.. Enumerable.Repeat<IActorRef>(ActorRefs.Nobody, TwoDomains.Plan.Ranks)];
        stages[0] = new LinkRef(kit.Sys, "sender", message => from.Credit((FrameReleased)message));
        stages[receiver] = new LinkRef(kit.Sys, "receiver", message => Read(to, (FrameMessage)message));
        from.Connect(stages, stages[0]);
        to.Connect(stages, stages[receiver]);
        Tensor one = pool.Rent(3, 5, ElementType.Float32), other = pool.Rent(3, 5, ElementType.Float32);
        Parcel given = new(new ActivationArrived(1, 0)), values = new(new BlockValuesArrived(7)), sum = new(new BlockSumArrived(7, IsWhole: false));
        long before = 0;
        for (int round = -Rounds; round < Rounds; round++)
        {
            before = round == 0 ? GC.GetAllocatedBytesForCurrentThread() : before;
            from.Give(receiver, from.Rent(receiver, 3, 5, ElementType.Float32), given);
            from.Send(receiver, one, values);
            sum.Parts.Add(one);
            sum.Parts.Add(other);
            from.SendSum(receiver, sum);
            from.SendNothing(receiver, sum);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal((3 * 2 * Rounds, 0), (from.FramesSent, from.Waiting));
        await kit.EndAsync();
    }

    private static void Read(FramePort port, FrameMessage message)
    {
        if (port.Keep(message) is { Rows.IsAbsent: false } rows)
        {
            port.Release(rows);
        }
    }

    private sealed class Kit : ActorKit;

    /// <summary>The ports of rank 0 and of a rank of another domain.</summary>
    private sealed class TwoDomains : IDisposable
    {
        private readonly FrameTransport _transport;

        public TwoDomains()
        {
            _transport = new FrameTransport([Backend], Plan, _ => 0);
            Pool = new TensorPool(Backend);
            From = new FramePort(0, _transport, Pool, new HostLink(), Pool);
            To = new FramePort(Receiver, _transport, Pool, new HostLink(), Pool);
        }

        public static RunPlan Plan { get; } = TrainingFixture.SmallPlan with { SeparatesNodes = true };

        public int Receiver { get; } = Enumerable.Range(1, Plan.Ranks - 1).First(rank => Plan.DomainOf(rank) != Plan.DomainOf(0));

        public Kit Kit { get; } = new();

        public CpuBackend Backend { get; } = new();

        public TensorPool Pool { get; }

        public FramePort From { get; }

        public FramePort To { get; }

        public void Dispose()
        {
            To.Dispose();
            From.Dispose();
            Pool.Dispose();
            _transport.Dispose();
            Backend.Dispose();
            Kit.Dispose();
        }
    }
}
