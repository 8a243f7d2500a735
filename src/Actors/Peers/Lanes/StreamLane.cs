using System.Net.Sockets;

namespace Actors.Runtime.Peers.Lanes;

/// <summary>A lane over a stream: a connection of TCP, bare or under TLS.</summary>
internal sealed class StreamLane(Stream stream) : ByteLane
{
    private const int LeastLowWater = 16 << 10;
    private const int MostLowWater = 128 << 10;
    private readonly Socket? _bare = OperatingSystem.IsLinux() ? (stream as NetworkStream)?.Socket : null;
    private int _lowWater = 1;

    public override int PieceBytes => 256 << 10;

    /// <summary>A copy in the cache costs less than one more call of the system, and than waking a reader for a header alone.</summary>
    public override int CopiedBytes => 64 << 10;

    public override int LeadBytes => 64 << 10;

    public override bool ChecksPayloads => true;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes);

    public override ValueTask<int> ReadAsync(Memory<byte> bytes, int needed)
    {
        WaitFor(needed);
        return stream.ReadAsync(bytes);
    }

    public override void Dispose() => stream.Dispose();

    /// <summary>
    /// Lets the system wake the reader not before many of the bytes have come that it needs: each wake costs two turns of threads, and
    /// packets come one by one.
    /// </summary>
    private void WaitFor(int needed)
    {
        int lowWater = needed < LeastLowWater ? 1 : Math.Min(needed, MostLowWater);
        if (_bare is not null && lowWater != _lowWater)
        {
            _bare.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReceiveLowWater, lowWater);
            _lowWater = lowWater;
        }
    }
}
