using System.Buffers;

namespace Actors.Runtime.Peers.Lanes;

/// <summary>Shows unmanaged memory as <see cref="Memory{T}"/>, one run after the other, so that streams read and write it in place.</summary>
internal sealed unsafe class UnmanagedMemory : MemoryManager<byte>
{
    private byte* _start;
    private int _bytes;

    /// <summary>Shows this run until the next call.</summary>
    public Memory<byte> Show(nint pointer, int bytes)
    {
        _start = (byte*)pointer;
        _bytes = bytes;
        return CreateMemory(bytes);
    }

    /// <summary>The bytes at a pointer.</summary>
    public static Span<byte> Bytes(nint pointer, int bytes) => new((void*)pointer, bytes);

    public override Span<byte> GetSpan() => new(_start, _bytes);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
