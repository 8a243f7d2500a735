using System.Net;
using System.Net.Sockets;
using Actors.Runtime.Configuration;
using Actors.Runtime.Peers;
using Actors.Runtime.Peers.Lanes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Runtime.Tests.Peers;

/// <summary>A link of two lanes whose other side is bare sockets, with which a test can do anything.</summary>
internal sealed class RawPeer : IDisposable
{
    private RawPeer(LinkSettings settings, TimeProvider time, Socket[] sockets)
    {
        Sockets = sockets;
        Settings = settings;
        Time = time;
    }

    public LinkSettings Settings { get; }

    public TimeProvider Time { get; }

    /// <summary>The other side, one for each lane.</summary>
    public Socket[] Sockets { get; }

    public CollectingSink Sink { get; } = new();

    public FramedLink Link { get; private set; } = null!;

    /// <summary>Opens the link as process 0's to process 5.</summary>
    public static async Task<RawPeer> OpenAsync(LinkSettings? settings = null, TimeProvider? time = null)
    {
        var own = new ByteLane[2];
        var sockets = new Socket[2];
        for (int lane = 0; lane < own.Length; lane++)
        {
            (own[lane], sockets[lane]) = await ConnectedAsync();
        }

        var peer = new RawPeer(settings ?? LinkPair.Settings, time ?? TimeProvider.System, sockets);
        peer.Link = peer.Over(own, peer.Sink);
        return peer;
    }

    /// <summary>Makes the bare side a link too, of other settings.</summary>
    public FramedLink Answer(LinkSettings settings, IFrameSink sink)
    {
        ByteLane[] lanes = [.. Sockets.Select(socket => new StreamLane(new NetworkStream(socket, ownsSocket: true)))];
        return Start(new FramedLink(0, "process 0", lanes, null, new LinkNotices(), new ClockEstimate(), Environment(settings, sink)));
    }

    /// <summary>Bytes of a frame, as the number-th of its lane.</summary>
    public static byte[] Encode(FrameHeader header, byte[] payload, int number)
    {
        byte[] bytes = new byte[FrameCode.HeadBytes + (payload.Length == 0 ? 0 : payload.Length + FrameCode.TrailBytes)];
        header.PayloadBytes = payload.Length;
        FrameCode.WriteHead(bytes, header, number);
        if (payload.Length > 0)
        {
            payload.CopyTo(bytes, FrameCode.HeadBytes);
            BitConverter.TryWriteBytes(bytes.AsSpan(FrameCode.HeadBytes + payload.Length), System.IO.Hashing.XxHash3.HashToUInt64(payload));
        }

        return bytes;
    }

    public void Dispose()
    {
        Link.Dispose();
        foreach (Socket socket in Sockets)
        {
            socket.Dispose();
        }
    }

    private FramedLink Over(ByteLane[] lanes, IFrameSink sink) =>
        Start(new FramedLink(5, "process 5", lanes, null, new LinkNotices(), new ClockEstimate(), Environment(Settings, sink)));

    private LinkEnvironment Environment(LinkSettings settings, IFrameSink sink) => new(settings, sink, NullLogger.Instance, Time);

    private static FramedLink Start(FramedLink link)
    {
        link.Start();
        return link;
    }

    private static async Task<(ByteLane Own, Socket Other)> ConnectedAsync()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var own = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await own.ConnectAsync(listener.LocalEndPoint!);
        return (new StreamLane(new NetworkStream(own, ownsSocket: true)), await listener.AcceptAsync());
    }
}
