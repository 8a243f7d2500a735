using System.Runtime.InteropServices;
using Actors.Cpu;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training.Memory;

/// <summary>The CPU, with a count of what is allocated at once.</summary>
internal sealed class CountingBackend() : WrappedBackend(new CpuBackend())
{
    private readonly Lock _gate = new();
    private long _bytes;

    /// <summary>The most bytes that were allocated at once.</summary>
    public long MostBytes { get; private set; }

    public override DeviceBuffer Allocate(long bytes)
    {
        Count(bytes);
        return new CountedBuffer(this, bytes);
    }

    public override DeviceBuffer AllocateHost(long bytes) => Allocate(bytes);

    public override Weight CreateWeight(int groups, int outputs, int inputs)
    {
        Count(WeightBytes(groups, outputs, inputs, trains: true));
        return base.CreateWeight(groups, outputs, inputs);
    }

    private void Count(long bytes)
    {
        lock (_gate)
        {
            _bytes += bytes;
            MostBytes = Math.Max(MostBytes, _bytes);
        }
    }

    private sealed unsafe class CountedBuffer(CountingBackend owner, long bytes)
        : DeviceBuffer((nint)NativeMemory.AlignedAlloc((nuint)Math.Max(64, bytes), 64), bytes, isHost: true)
    {
        private bool _freed;

        protected override void Dispose(bool disposing)
        {
            if (!_freed)
            {
                _freed = true;
                NativeMemory.AlignedFree((void*)Pointer);
                owner.Count(-Bytes);
            }
        }
    }
}
