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
        RunPlan plan = TrainingFixture.SmallPlan with { SeparatesNodes = true };
        int receiver = Enumerable.Range(1, plan.Ranks - 1).First(rank => plan.DomainOf(rank) != plan.DomainOf(0));
        using var kit = new Kit();
        using var backend = new CpuBackend();
        using var transport = new FrameTransport(backend, plan);
        using var pool = new TensorPool(backend);
        using var from = new FramePort(0, transport, pool, new HostLink());
        using var to = new FramePort(receiver, transport, pool, new HostLink());
        TestProbe[] stages = [.. Enumerable.Range(0, plan.Ranks).Select(_ => kit.CreateTestProbe())];
        from.Connect(stages, stages[0]);
        to.Connect(stages, stages[receiver]);
        Tensor values = pool.Rent(3, 5, type);
        byte[] bytes = [.. Enumerable.Range(1, 15 * type.SizeInBytes()).Select(value => (byte)value)];
        using IStream stream = backend.CreateStream("test");
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
        RunPlan plan = TrainingFixture.SmallPlan with { SeparatesNodes = true };
        int receiver = Enumerable.Range(1, plan.Ranks - 1).First(rank => plan.DomainOf(rank) != plan.DomainOf(0));
        using var kit = new Kit();
        using var backend = new CpuBackend();
        using var transport = new FrameTransport(backend, plan);
        using var pool = new TensorPool(backend);
        using var from = new FramePort(0, transport, pool, new HostLink());
        using var to = new FramePort(receiver, transport, pool, new HostLink());
        IActorRef[] stages = [.. Enumerable.Repeat<IActorRef>(ActorRefs.Nobody, plan.Ranks)];
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
            from.Give(receiver, pool.Rent(3, 5, ElementType.Float32), given);
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
}
