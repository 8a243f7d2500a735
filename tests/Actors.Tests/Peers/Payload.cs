using System.Runtime.InteropServices;
using Actors.Runtime.Peers;

namespace Actors.Runtime.Tests.Peers;

/// <summary>Unmanaged memory that counts how often a link gave it back.</summary>
internal sealed unsafe class Payload : IFrameSent, IDisposable
{
    private int _returned;

    public Payload(int bytes)
    {
        Part = new PayloadPart((nint)NativeMemory.AllocZeroed((nuint)bytes), bytes);
    }

    public PayloadPart Part { get; }

    public int Returned => Volatile.Read(ref _returned);

    public void Sent() => Interlocked.Increment(ref _returned);

    public void Dispose() => NativeMemory.Free((void*)Part.Pointer);
}
