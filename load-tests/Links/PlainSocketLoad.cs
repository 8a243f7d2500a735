using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Actors.LoadTests.Links;

/// <summary>
/// The same payloads through one socket, with nothing around them: a blocking call a payload at the sender, and at least one at the reader. A turn begins with the size and the number 0 ends it; the reader answers with one byte.
/// </summary>
internal sealed class PlainSocketLoad : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly PayloadBuffers _buffers = new();

    public PlainSocketLoad(int port)
    {
        _socket.Connect(IPAddress.Loopback, port);
    }

    /// <summary>Sends for a time.</summary>
    /// <returns>Gigabytes a second, until the reader has all.</returns>
    public double Run(int bytes, TimeSpan time)
    {
        int window = LinkLoad.Window(bytes);
        long sent = 0, start = Stopwatch.GetTimestamp();
        byte[] answer = new byte[1];
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            _socket.Send(BitConverter.GetBytes(bytes));
            for (int i = 0; i < window; i++, sent++)
            {
                _socket.Send(_buffers.Payload((int)(sent % PayloadBuffers.Places(bytes)), bytes));
            }
        }

        _socket.Send(BitConverter.GetBytes(0));
        _socket.Receive(answer);
        return sent * (double)bytes / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    /// <summary>Reads until the sender closes.</summary>
    public static void Serve(Socket listener)
    {
        using Socket socket = listener.Accept();
        socket.NoDelay = true;
        using var buffers = new PayloadBuffers();
        byte[] size = new byte[4];
        long read = 0;
        while (Receive(socket, size))
        {
            int bytes = BitConverter.ToInt32(size);
            if (bytes == 0)
            {
                socket.Send([1]);
            }
            else
            {
                for (int i = 0; i < LinkLoad.Window(bytes); i++, read++)
                {
                    Receive(socket, buffers.Payload((int)(read % PayloadBuffers.Places(bytes)), bytes));
                }
            }
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _buffers.Dispose();
    }

    private static bool Receive(Socket socket, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int read = socket.Receive(bytes);
            if (read == 0)
            {
                return false;
            }

            bytes = bytes[read..];
        }

        return true;
    }
}
