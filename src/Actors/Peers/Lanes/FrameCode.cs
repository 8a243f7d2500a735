using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Actors.Runtime.Peers.Lanes;

/// <summary>
/// A frame as it is on a lane: header, checksum of the header, payload, checksum of the payload where there is one. The header's checksum
/// counts the lane's frames, so that a frame that is lost, doubled or out of order is noticed as one that is changed.
/// </summary>
internal static class FrameCode
{
    /// <summary>Bytes of a header with its checksum.</summary>
    public static readonly int HeadBytes = Unsafe.SizeOf<FrameHeader>() + sizeof(ulong);

    /// <summary>Bytes of a payload's checksum.</summary>
    public const int TrailBytes = sizeof(ulong);

    /// <summary>Writes a header and its checksum.</summary>
    public static void WriteHead(Span<byte> bytes, in FrameHeader header, long number)
    {
        int size = Unsafe.SizeOf<FrameHeader>();
        MemoryMarshal.Write(bytes, in header);
        MemoryMarshal.Write(bytes[size..], XxHash3.HashToUInt64(bytes[..size], number));
    }

    /// <summary>Reads a header.</summary>
    /// <returns>Whether its checksum is that of the lane's frame of this number.</returns>
    public static bool TryReadHead(ReadOnlySpan<byte> bytes, long number, out FrameHeader header)
    {
        int size = Unsafe.SizeOf<FrameHeader>();
        header = MemoryMarshal.Read<FrameHeader>(bytes);
        return MemoryMarshal.Read<ulong>(bytes[size..]) == XxHash3.HashToUInt64(bytes[..size], number);
    }
}
