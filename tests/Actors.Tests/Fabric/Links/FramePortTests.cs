using Actors.Cpu;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Training;
using Actors.Tensors;
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

        from.SendSum(receiver, [values], frame => new BlockValuesArrived(7, frame));
        Frame arrived = stages[receiver].ExpectMsg<BlockValuesArrived>().Frame;
        Assert.Equal((0, 3, 5, type), (arrived.Sender, arrived.Rows.Rows, arrived.Rows.Columns, arrived.Rows.Type));
        Frame kept = to.Keep(arrived, frame => frame)!.Value;

        stages[0].ExpectMsg<FrameReleased>();
        Assert.Equal((type, -1), (kept.Rows.Type, kept.Sender));
        var read = new byte[bytes.Length];
        stream.Download(kept.Rows, read);
        Assert.Equal(bytes, read);
        Assert.Equal(bytes.Length, from.BytesSent);
        await kit.EndAsync();
    }

    private sealed class Kit : ActorKit;
}
