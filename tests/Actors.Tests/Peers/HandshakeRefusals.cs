using System.Net;
using System.Net.Sockets;
using System.Text;
using Actors.Runtime.Configuration;
using Actors.Runtime.Peers;
using Actors.Runtime.Peers.Opening;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Runtime.Tests.Peers;

/// <summary>Who does not belong to a run gets no link: one clear line on both sides, and links that are open go on.</summary>
public sealed class HandshakeRefusals
{
    public static TheoryData<string, string> Strangers => new()
    {
        { "secret", "processes 1 and 0 do not prove the same secret; secret-file must be the same everywhere" },
        { "run", "the processes belong to different runs; start all of them with the same run id" },
        { "epoch", "process 1 is at epoch 9 of the placement and process 0 at 4" },
        { "plan", "processes 1 and 0 have different placements or settings; start all of them with the same profile" },
        { "source", "process 7 has no place in the placement beside process 0" },
        { "lanes", "process 1 wants lane 0 of 6, which process 0 does not have; chunk-lanes must be equal" },
        { "sizes", "ring-bytes, max-frame-bytes or the shared memory differ between processes 1 and 0; they must be equal" },
        { "clock", "the clocks of processes 1 and 0 count in different units" },
    };

    [Theory]
    [MemberData(nameof(Strangers))]
    public async Task A_stranger_is_refused_on_both_sides(string stranger, string reason)
    {
        using LinkPair pair = await LinkPair.OpenAsync();
        PeerIdentity identity = LinkPair.Identity(1);
        LinkSettings settings = LinkPair.Settings;
        TimeProvider time = TimeProvider.System;
        switch (stranger)
        {
            case "secret": identity = identity with { Secret = new byte[32] }; break;
            case "run": identity = identity with { Run = Guid.NewGuid() }; break;
            case "epoch": identity = identity with { Epoch = 9 }; break;
            case "plan": identity = identity with { Plan = new byte[32] }; break;
            case "source": identity = identity with { Process = 7 }; break;
            case "lanes": settings = settings with { ChunkLanes = 4 }; break;
            case "sizes": settings = settings with { RingBytes = 1 << 17 }; break;
            default: time = new Actors.Tests.Support.ManualTime(); break;
        }

        var connector = new PeerConnector(identity, new LinkEnvironment(settings, pair.ConnectorSink, NullLogger.Instance, time));
        var refused = await Assert.ThrowsAsync<PeerLinkException>(() => pair.ConnectAsync(connector));

        Assert.Equal($"process 0 (127.0.0.1:{pair.Listener.EndPoint.Port}): {reason}", refused.Message);
        await pair.Log.WaitForAsync($": {reason}");
        await GoesOnAsync(pair);
    }

    [Fact]
    public async Task A_process_at_another_address_than_expected_is_refused()
    {
        using LinkPair pair = LinkPair.Listen();
        var refused = await Assert.ThrowsAsync<PeerLinkException>(
            () => pair.Connector.ConnectAsync(3, "127.0.0.1", pair.Listener.EndPoint.Port, TestContext.Timeout()));
        Assert.EndsWith(": process 1 wants process 3, and this address is process 0's; check the placement's addresses", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listener_that_knows_no_secret_is_refused_by_the_connector()
    {
        // It answers with the connector's own words: what proves the secret there must prove nothing here.
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using LinkPair pair = LinkPair.Listen();
        Task<PeerLink> connecting = pair.Connector.ConnectAsync(0, "127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port, TestContext.Timeout());
        using Socket impostor = await listener.AcceptAsync(TestContext.Timeout());
        await using var stream = new NetworkStream(impostor);
        var handshake = new Handshake(stream, "connector", TestContext.Timeout());
        await handshake.ReadOpeningAsync();
        Hello hello = await handshake.ReadAsync<Hello>();
        await handshake.OpenAsync();
        await handshake.SendAsync(new Challenge { Process = 0, Epoch = 4, Nonce = hello.Nonce, Proof = hello.Nonce });

        Assert.Equal((int)Refusal.Secret, (await handshake.ReadAsync<Proof>()).Refusal);
        Assert.Contains("do not prove the same secret", (await Assert.ThrowsAsync<PeerLinkException>(() => connecting)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_version_is_told_so()
    {
        using LinkPair pair = await LinkPair.OpenAsync();
        using Socket socket = await ConnectAsync(pair);
        await using var stream = new NetworkStream(socket);
        var handshake = new Handshake(stream, "listener", TestContext.Timeout());
        await handshake.SendAsync(new FirstBytes { Magic = FirstBytes.Expected, Version = 99 });
        Assert.Equal(FirstBytes.Present, await handshake.ReadOpeningAsync());
        Assert.Equal((int)Refusal.Version, (await handshake.ReadAsync<Challenge>()).Refusal);
        await pair.Log.WaitForAsync("the processes speak versions 1 and 99 of the protocol; run the same build everywhere");
        await GoesOnAsync(pair);
    }

    [Fact]
    public async Task Garbage_is_closed()
    {
        using LinkPair pair = await LinkPair.OpenAsync();
        using Socket socket = await ConnectAsync(pair);
        socket.Send(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: somewhere\r\n\r\n"));
        await pair.Log.WaitForAsync("speaks something else than a link of this program: 474554202F204854");
        await ClosedAsync(socket);
        await GoesOnAsync(pair);
    }

    [Fact]
    public async Task A_connection_that_stays_silent_is_closed_in_time()
    {
        using LinkPair pair = LinkPair.Listen(LinkPair.Settings with { HandshakeTimeout = TimeSpan.FromMilliseconds(50) });
        using Socket socket = await ConnectAsync(pair);
        socket.Send(BitConverter.GetBytes(FirstBytes.Expected));
        await pair.Log.WaitForAsync("did not prove itself within 0.05 s (handshake-timeout)");
        await ClosedAsync(socket);
    }

    [Fact]
    public async Task A_link_whose_lanes_do_not_all_come_is_closed_in_time()
    {
        using LinkPair pair = LinkPair.Listen(LinkPair.Settings with { HandshakeTimeout = TimeSpan.FromSeconds(3) });
        using Socket socket = await ConnectAsync(pair);
        await using var stream = new NetworkStream(socket);
        var handshake = new Handshake(stream, "listener", TestContext.Timeout());
        var hello = new Hello
        {
            Run = LinkPair.Run,
            Link = Guid.NewGuid(),
            Epoch = 4,
            From = 1,
            Lanes = 4,
            RingBytes = LinkPair.Settings.RingBytes,
            MaxFrameBytes = LinkPair.Settings.MaxFrameBytes,
            TicksPerSecond = TimeProvider.System.TimestampFrequency,
        };
        LinkPair.Plan.CopyTo((Span<byte>)hello.Plan);
        await handshake.OpenAsync();
        await handshake.SendAsync(hello);
        await handshake.ReadOpeningAsync();
        Challenge challenge = await handshake.ReadAsync<Challenge>();
        var proof = default(Proof);
        proof.Mac = Handshake.Prove(LinkPair.Secret, hello, challenge, proof);
        await handshake.SendAsync(proof);
        Assert.Equal(0, (await handshake.ReadAsync<Welcome>()).Refusal);
        await pair.Log.WaitForAsync("opened 1 of 4 lanes and then no more");
        await ClosedAsync(socket);
    }

    [Fact]
    public async Task Of_a_flood_only_so_many_stay_open_and_links_go_on()
    {
        using LinkPair pair = await LinkPair.OpenAsync();
        var flood = new List<Socket>();
        for (int i = 0; i < 3 * LinkPair.Settings.MaxUnprovenConnections; i++)
        {
            flood.Add(await ConnectAsync(pair));
        }

        await pair.Log.WaitForAsync("connections are closed unread: 8 that have not proven themselves are open already (max-unproven-connections)");
        for (int i = LinkPair.Settings.MaxUnprovenConnections; i < flood.Count; i++)
        {
            await ClosedAsync(flood[i]);
        }

        await GoesOnAsync(pair);
        flood.ForEach(socket => socket.Close());
        await LaterAsync(pair);
    }

    [Fact]
    public async Task Plain_bytes_do_not_reach_a_port_of_TLS()
    {
        using LinkPair pair = await LinkPair.OpenAsync(setup: new LinkPair.Setup { Tls = TestCertificates.Pair() });
        var plain = new PeerConnector(LinkPair.Identity(1), new LinkEnvironment(LinkPair.Settings, pair.ConnectorSink, NullLogger.Instance, TimeProvider.System));
        Assert.StartsWith("process 0 (127.0.0.1:", (await Assert.ThrowsAsync<PeerLinkException>(() => pair.ConnectAsync(plain))).Message, StringComparison.Ordinal);
        Assert.Contains("TLS failed", await WarningAsync(pair), StringComparison.Ordinal);
        await GoesOnAsync(pair);
    }

    [Fact]
    public async Task TLS_to_a_plain_port_is_named()
    {
        using LinkPair pair = await LinkPair.OpenAsync();
        var tls = new PeerConnector(
            LinkPair.Identity(1),
            new LinkEnvironment(LinkPair.Settings, pair.ConnectorSink, NullLogger.Instance, TimeProvider.System) { Tls = TestCertificates.Pair()[1] });
        await Assert.ThrowsAsync<PeerLinkException>(() => pair.ConnectAsync(tls));
        Assert.Contains("speaks TLS, and this side has none (tls.certificate-file)", await WarningAsync(pair), StringComparison.Ordinal);
        await GoesOnAsync(pair);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_opens_no_link()
    {
        using LinkPair pair = LinkPair.Listen(setup: new LinkPair.Setup { Tls = TestCertificates.Pair() });
        var stranger = new PeerConnector(
            LinkPair.Identity(1),
            new LinkEnvironment(LinkPair.Settings, pair.ConnectorSink, NullLogger.Instance, TimeProvider.System) { Tls = TestCertificates.Stranger() });
        var refused = await Assert.ThrowsAsync<PeerLinkException>(() => pair.ConnectAsync(stranger));
        Assert.Contains("TLS failed", refused.Message, StringComparison.Ordinal);
        await WarningAsync(pair);
    }

    [Fact]
    public void An_address_that_others_reach_needs_a_secret()
    {
        var refused = Assert.Throws<PeerLinkException>(() => new PeerListener(
            LinkPair.Identity(0) with { Secret = default },
            new LinkEnvironment(LinkPair.Settings with { BindHost = "0.0.0.0" }, new CollectingSink(), NullLogger.Instance, TimeProvider.System),
            _ => { }));
        Assert.Equal("links at 0.0.0.0 can be reached from other hosts and need a secret: set cluster.secret-file, or cluster.host = 127.0.0.1", refused.Message);
    }

    private static async Task<Socket> ConnectAsync(LinkPair pair)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(pair.Listener.EndPoint);
        return socket;
    }

    /// <summary>The other side has closed: there is nothing to read, or a reset.</summary>
    private static async Task ClosedAsync(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1], TestContext.Timeout()));
        }
        catch (SocketException)
        {
            return;
        }
    }

    private static async Task GoesOnAsync(LinkPair pair)
    {
        TestFrame.Send(pair.Connected, 1, 0, new Random(1));
        await pair.ListenerSink.WaitForAsync(1);
        Assert.Equal((0, 0), (pair.ListenerSink.Endings, pair.ConnectorSink.Endings));
    }

    /// <summary>After a flood has gone a link can be opened, if not at the first try.</summary>
    private static async Task LaterAsync(LinkPair pair)
    {
        CancellationToken timeout = TestContext.Timeout();
        while (true)
        {
            try
            {
                (await pair.ConnectAsync(pair.Connector)).Dispose();
                return;
            }
            catch (PeerLinkException) when (!timeout.IsCancellationRequested)
            {
                await Task.Yield();
            }
        }
    }

    private static async Task<string> WarningAsync(LinkPair pair)
    {
        CancellationToken timeout = TestContext.Timeout();
        while (true)
        {
            if (pair.Log.Lines.FirstOrDefault(line => line.Level == LogLevel.Warning).Message is { } warning)
            {
                return warning;
            }

            timeout.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
