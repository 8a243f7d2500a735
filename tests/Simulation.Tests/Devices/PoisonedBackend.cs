using Actors.Cpu;
using Actors.Tensors;

namespace Actors.Simulation.Tests.Devices;

/// <summary>A backend whose fresh memory holds numbers that spoil every sum, and indices that no tensor has: who reads what nobody wrote is noticed.</summary>
internal sealed class PoisonedBackend(IBackend inner) : WrappedBackend(inner)
{
    private const int Poison = 0x7F7F7F7F;

    public override DeviceBuffer Allocate(long bytes) => Poisoned(base.Allocate(bytes));

    public override DeviceBuffer AllocateHost(long bytes) => Poisoned(base.AllocateHost(bytes));

    private static DeviceBuffer Poisoned(DeviceBuffer buffer)
    {
        int elements = checked((int)(buffer.Bytes / sizeof(int)));
        new Tensor(buffer, 0, 1, elements, elements, ElementType.Int32).AsSpan<int>().Fill(Poison);
        return buffer;
    }
}
