using Actors.Cpu;
using Actors.Tensors;

namespace Actors.Simulation.Tests.Devices;

/// <summary>A backend whose fresh memory holds numbers that spoil every sum, and indices that no tensor has: who reads what nobody wrote is noticed.</summary>
internal sealed class PoisonedBackend(IBackend inner) : WrappedBackend(inner)
{
    private const int Poison = 0x7F7F7F7F;

    /// <summary>How often memory was asked for.</summary>
    public int Requests { get; private set; }

    /// <summary>Bytes of the device that were asked for, without pinned memory.</summary>
    public long Bytes { get; private set; }

    public override DeviceBuffer Allocate(long bytes)
    {
        Bytes += bytes;
        return Poisoned(base.Allocate(bytes));
    }

    public override DeviceBuffer AllocateHost(long bytes) => Poisoned(base.AllocateHost(bytes));

    public override Weight CreateWeight(int groups, int outputs, int inputs)
    {
        Requests++;
        Bytes += WeightBytes(groups, outputs, inputs, trains: true);
        return base.CreateWeight(groups, outputs, inputs);
    }

    public override Weight CreateMaster(int groups, int outputs, int inputs)
    {
        Requests++;
        Weight master = base.CreateMaster(groups, outputs, inputs);
        Bytes += master.Values.Buffer.Bytes;
        return master;
    }

    private DeviceBuffer Poisoned(DeviceBuffer buffer)
    {
        Requests++;
        int elements = checked((int)(buffer.Bytes / sizeof(int)));
        new Tensor(buffer, 0, 1, elements, elements, ElementType.Int32).AsSpan<int>().Fill(Poison);
        return buffer;
    }
}
