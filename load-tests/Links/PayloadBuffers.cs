using System.Runtime.InteropServices;

namespace Actors.LoadTests.Links;

/// <summary>The payloads of one side, in unmanaged memory.</summary>
internal sealed unsafe class PayloadBuffers : IDisposable
{
    /// <summary>Length of the memory.</summary>
    public const int Bytes = 64 << 20;

    private readonly nint _memory = (nint)NativeMemory.AlignedAlloc(Bytes, 4096);

    public PayloadBuffers()
    {
        new Span<byte>((void*)_memory, Bytes).Fill(1);
    }

    /// <summary>How many payloads of a size there are: they go through all of the memory, which no cache holds.</summary>
    public static int Places(int bytes) => Bytes / bytes;

    /// <summary>Where a payload is. Those of one size are behind each other.</summary>
    public nint Pointer(int place, int bytes) => (uint)place < (uint)Places(bytes)
        ? _memory + ((nint)place * bytes)
        : throw new ArgumentOutOfRangeException(nameof(place), place, $"Of {bytes} bytes there are {Places(bytes)} payloads.");

    /// <summary>A frame's payload.</summary>
    public Span<byte> Payload(int place, int bytes) => new((void*)Pointer(place, bytes), bytes);

    public void Dispose() => NativeMemory.AlignedFree((void*)_memory);
}
