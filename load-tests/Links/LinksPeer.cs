using System.CommandLine;
using System.IO.Hashing;
using System.Net;
using System.Net.Sockets;
using Actors.LoadTests.CommandLine;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Peers;
using Actors.Runtime.Peers.Opening;
using Microsoft.Extensions.Logging;

namespace Actors.LoadTests.Links;

/// <summary><c>links-peer</c>: the second process of <c>links</c>. Reads the secret from standard input and ends when that ends.</summary>
internal static class LinksPeer
{
    public const string Name = "links-peer";

    public static Command Create()
    {
        var command = new Command(Name, "The second process of links, which starts it.") { Hidden = true };
        command.SetAction(_ => Serve());
        return command;
    }

    private static int Serve()
    {
        PeerIdentity identity = PeerProcess.ReadIdentity(Console.In.ReadLine() ?? throw new UsageException($"{Name} is started by links; use links."));
        using var sink = new Receiver();
        ILogger log = new TextLog(Console.Error, LogLevel.Warning, TimeProvider.System).CreateLogger(LinkLog.Component);
        using var listener = new PeerListener(
            identity, new LinkEnvironment(PeerProcess.Settings, sink, log, TimeProvider.System), _ => { });
        using var plain = new Socket(SocketType.Stream, ProtocolType.Tcp);
        plain.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        plain.Listen();
        new Thread(() => PlainSocketLoad.Serve(plain)) { IsBackground = true }.Start();
        Console.Out.WriteLine($"{listener.EndPoint.Port} {((IPEndPoint)plain.LocalEndPoint!).Port}");
        Console.In.ReadToEnd();
        return 0;
    }

    /// <summary>Puts frames where the sender says and gives credits back.</summary>
    private sealed class Receiver : IFrameSink, IDisposable
    {
        private readonly PayloadBuffers _buffers = new();
        private int _read;

        public int Reserve(PeerLink from, in FrameHeader header, Span<PayloadPart> places)
        {
            places[0] = new PayloadPart(_buffers.Pointer(header.A, (int)header.PayloadBytes), header.PayloadBytes);
            return 1;
        }

        public void Arrived(PeerLink from, in FrameHeader header)
        {
            int bytes = (int)header.PayloadBytes;
            if (header.Kind == LinkLoad.CheckKind)
            {
                ulong checksum = XxHash3.HashToUInt64(_buffers.Payload(header.A, bytes));
                from.Send(PeerLink.ControlLane, new FrameHeader { Kind = LinkLoad.CreditKind, A = 1, B = (int)checksum, C = (int)(checksum >> 32) });
            }
            else if (++_read % LinkLoad.Batch(bytes) == 0)
            {
                _read = 0;
                from.Send(PeerLink.ControlLane, new FrameHeader { Kind = LinkLoad.CreditKind, A = LinkLoad.Batch(bytes) });
            }
        }

        public void Ended(PeerLink from, string reason)
        {
        }

        public void Dispose() => _buffers.Dispose();
    }
}
