namespace Actors.Runtime.Peers.Lanes;

/// <summary>A lane over a stream: a connection of TCP, bare or under TLS.</summary>
internal sealed class StreamLane(Stream stream) : ByteLane
{
    public override int PieceBytes => LinkLimits.PieceBytes;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes);

    public override ValueTask<int> ReadAsync(Memory<byte> bytes) => stream.ReadAsync(bytes);

    public override void Dispose() => stream.Dispose();
}
