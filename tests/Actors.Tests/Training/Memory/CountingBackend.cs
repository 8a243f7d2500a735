using System.Runtime.InteropServices;
using Actors.Cpu;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training.Memory;

/// <summary>The CPU, with a count of what is allocated at once.</summary>
internal sealed class CountingBackend : IBackend
{
    private readonly CpuBackend _backend = new();
    private readonly Lock _gate = new();
    private long _bytes;

    /// <summary>The most bytes that were allocated at once.</summary>
    public long MostBytes { get; private set; }

    public string Name => _backend.Name;

    public bool RunsAtOnce => _backend.RunsAtOnce;

    public DeviceBuffer Allocate(long bytes)
    {
        Count(bytes);
        return new CountedBuffer(this, bytes);
    }

    public DeviceBuffer AllocateHost(long bytes) => Allocate(bytes);

    public Weight CreateWeight(int groups, int outputs, int inputs)
    {
        Count(WeightBytes(groups, outputs, inputs, trains: true));
        return _backend.CreateWeight(groups, outputs, inputs);
    }

    public long WeightBytes(int groups, int outputs, int inputs, bool trains) => _backend.WeightBytes(groups, outputs, inputs, trains);

    public Precision Precision => _backend.Precision;

    public long? FreeBytes => null;

    public bool OrdersStreams => false;

    public StreamMark CreateMark() => PassedMark.Instance;

    public IStream CreateStream(string name) => _backend.CreateStream(name);

    public void Dispose() => _backend.Dispose();

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
