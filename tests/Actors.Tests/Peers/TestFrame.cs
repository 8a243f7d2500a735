using System.Runtime.InteropServices;
using Actors.Runtime.Peers;

namespace Actors.Runtime.Tests.Peers;

/// <summary>
/// Frames whose payload follows from their header: A is the lane, B the number in the lane, C a seed.
/// </summary>
internal static unsafe class TestFrame
{
    private const int Kind = 7;

    /// <summary>Sends a lane's frame of this number, with a payload of random size, sent in one of the three ways.</summary>
    public static void Send(PeerLink link, int lane, int number, Random random, int largest = 300_000)
    {
        var header = new FrameHeader { Kind = Kind, Epoch = 3, Target = -5, A = lane, B = number, C = random.Next(), D = int.MinValue, E = int.MaxValue };
        switch (random.Next(4))
        {
            case 0:
                link.Send(lane, header);
                return;
            case 1:
                byte[] small = new byte[random.Next(LinkLimits.SmallBytes + 1)];
                Fill(header.C, 0, small);
                link.Send(lane, header, small);
                return;
            default:
                SendLarge(link, lane, header, random, largest);
                return;
        }
    }

    /// <summary>How a payload is cut into places: so that a place may be empty, and a cut is at no even number.</summary>
    public static int Cut(in FrameHeader header, Span<PayloadPart> places)
    {
        long first = header.PayloadBytes / 3;
        switch (header.C % 3)
        {
            case 0:
                places[0] = new PayloadPart(0, header.PayloadBytes);
                return 1;
            case 1:
                places[0] = new PayloadPart(0, first);
                places[1] = new PayloadPart(0, header.PayloadBytes - first);
                return 2;
            default:
                places[0] = new PayloadPart(0, 0);
                places[1] = new PayloadPart(0, header.PayloadBytes - first);
                places[2] = new PayloadPart(0, first);
                return 3;
        }
    }

    /// <summary>Compares every byte.</summary>
    public static void Check(in FrameHeader header, List<PayloadPart> places)
    {
        Assert.Equal((Kind, 3, -5, int.MinValue, int.MaxValue), (header.Kind, header.Epoch, header.Target, header.D, header.E));
        byte[] expected = new byte[header.PayloadBytes];
        Fill(header.C, 0, expected);
        int at = 0;
        foreach (PayloadPart place in places)
        {
            Assert.True(expected.AsSpan(at, (int)place.Bytes).SequenceEqual(new ReadOnlySpan<byte>((void*)place.Pointer, (int)place.Bytes)), "the bytes differ");
            at += (int)place.Bytes;
        }

        Assert.Equal(expected.Length, at);
    }

    private static void SendLarge(PeerLink link, int lane, in FrameHeader header, Random random, int largest)
    {
        int count = random.Next(1, PayloadPart.Most + 1);
        Span<PayloadPart> parts = stackalloc PayloadPart[count];
        var memory = new Lent();
        int at = 0;
        for (int i = 0; i < count; i++)
        {
            int bytes = random.Next(3) == 0 ? random.Next(9000) : random.Next(largest);
            parts[i] = new PayloadPart(memory.Add(bytes), bytes);
            Fill(header.C, at, new Span<byte>((void*)parts[i].Pointer, bytes));
            at += bytes;
        }

        link.Send(lane, header, parts, memory);
    }

    private static void Fill(int seed, int at, Span<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            uint x = (uint)seed + ((uint)(at + i) * 2654435761);
            bytes[i] = (byte)(x >> 24 ^ x >> 9);
        }
    }

    /// <summary>Memory that is made unreadable as soon as the link says that it is read no more.</summary>
    private sealed class Lent : IFrameSent
    {
        private readonly List<(nint Pointer, int Bytes)> _memory = [];

        public nint Add(int bytes)
        {
            nint pointer = (nint)NativeMemory.Alloc((nuint)bytes);
            _memory.Add((pointer, bytes));
            return pointer;
        }

        public void Sent()
        {
            foreach ((nint pointer, int bytes) in _memory)
            {
                new Span<byte>((void*)pointer, bytes).Fill(0xDD);
                NativeMemory.Free((void*)pointer);
            }

            _memory.Clear();
        }
    }
}
