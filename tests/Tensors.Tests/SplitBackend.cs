using System.Runtime.InteropServices;

namespace Actors.Tensors.Tests;

/// <summary>A device whose own memory the host cannot read; it computes nothing.</summary>
internal sealed class SplitBackend : IBackend
{
    public string Name => "split";

    public bool RunsAtOnce => true;

    public DeviceBuffer Allocate(long bytes) => new Buffer(bytes, isHost: false);

    public DeviceBuffer AllocateHost(long bytes) => new Buffer(bytes, isHost: true);

    public DeviceBuffer ImportHost(DeviceBuffer memory) => new BorrowedBuffer(memory);

    public Weight CreateWeight(int groups, int outputs, int inputs) => throw new NotSupportedException();

    public long WeightBytes(int groups, int outputs, int inputs, bool trains) => throw new NotSupportedException();

    public Precision Precision => Precision.Float32;

    public long? FreeBytes => null;

    public bool OrdersStreams => false;

    public StreamMark CreateMark(bool isTimed = false) => PassedMark.Instance;

    public ExchangeFlags CreateFlags(IReadOnlyList<IBackend> devices, int tokens, TimeSpan limit) => throw new NotSupportedException();

    public IStream CreateStream(string name, bool isUrgent = false) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private sealed unsafe class Buffer(long bytes, bool isHost) : DeviceBuffer((nint)NativeMemory.AlignedAlloc((nuint)bytes + 64, 64), bytes, isHost)
    {
        private bool _freed;

        protected override void Dispose(bool disposing)
        {
            if (!_freed)
            {
                _freed = true;
                NativeMemory.AlignedFree((void*)Pointer);
            }
        }
    }
}
