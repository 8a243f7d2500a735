using System.Security.Cryptography;
using Actors.Runtime.Configuration;
using Actors.Runtime.Peers;
using Actors.Runtime.Peers.Opening;
using Actors.Runtime.Tests.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Tests.Peers;

/// <summary>Two ends of a link in this process: 0 listens, 1 connects.</summary>
internal sealed class LinkPair : IDisposable
{
    private readonly TaskCompletionSource<PeerLink> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LinkPair(LinkSettings settings, Setup setup)
    {
        PeerTls? Tls(int process) => setup.Tls?[process];
        Listener = new PeerListener(
            Identity(0),
            new LinkEnvironment(settings, setup.ListenerSink ?? ListenerSink, Log.CreateLogger("0"), setup.ListenerTime) { Tls = Tls(0), SharedBytes = _ => setup.SharedBytes },
            link => _opened.TrySetResult(link));
        Connector = new PeerConnector(
            Identity(1),
            new LinkEnvironment(settings, ConnectorSink, Log.CreateLogger("1"), setup.ConnectorTime) { Tls = Tls(1), SharedBytes = _ => setup.SharedBytes });
    }

    public static byte[] Secret { get; } = RandomNumberGenerator.GetBytes(32);

    public static byte[] Plan { get; } = RandomNumberGenerator.GetBytes(32);

    public static Guid Run { get; } = Guid.NewGuid();

    public RecordingLoggers Log { get; } = new(LogLevel.Debug);

    public CollectingSink ListenerSink { get; } = new();

    public CollectingSink ConnectorSink { get; } = new();

    public PeerListener Listener { get; }

    public PeerConnector Connector { get; }

    public PeerLink Accepted { get; private set; } = null!;

    public PeerLink Connected { get; private set; } = null!;

    /// <summary>Limits small enough for tests, times long enough for busy machines.</summary>
    public static LinkSettings Settings { get; } = new()
    {
        BindHost = "127.0.0.1",
        Port = 0,
        ChunkLanes = 2,
        SharedMemory = false,
        RingBytes = 1 << 16,
        QueueFrames = 4096,
        MaxFrameBytes = 1 << 20,
        SecretFile = null,
        MaxUnprovenConnections = 8,
        HandshakeTimeout = TimeSpan.FromSeconds(30),
        PingInterval = TimeSpan.FromMilliseconds(20),
        SilenceTimeout = TimeSpan.FromSeconds(60),
        Tls = null,
    };

    /// <summary>Who a process of two is.</summary>
    public static PeerIdentity Identity(int process) => new(Run, 4, process, 2, Plan, Secret);

    /// <summary>Listens.</summary>
    public static LinkPair Listen(LinkSettings? settings = null, Setup? setup = null) => new(settings ?? Settings, setup ?? new Setup());

    /// <summary>Opens a link.</summary>
    public static async Task<LinkPair> OpenAsync(LinkSettings? settings = null, Setup? setup = null)
    {
        LinkPair pair = Listen(settings, setup);
        await pair.ConnectAsync();
        return pair;
    }

    /// <summary>Connects the two.</summary>
    public async Task ConnectAsync()
    {
        Connected = await ConnectAsync(Connector);
        Accepted = await _opened.Task.WaitAsync(TestContext.Timeout());
    }

    /// <summary>Connects somebody.</summary>
    public Task<PeerLink> ConnectAsync(PeerConnector connector) =>
        connector.ConnectAsync(0, "127.0.0.1", Listener.EndPoint.Port, TestContext.Timeout());

    public void Dispose()
    {
        Connected?.Dispose();
        Accepted?.Dispose();
        Listener.Dispose();
        Log.Dispose();
    }

    /// <summary>What a test changes.</summary>
    internal sealed record Setup
    {
        public TimeProvider ListenerTime { get; init; } = TimeProvider.System;

        public TimeProvider ConnectorTime { get; init; } = TimeProvider.System;

        public IFrameSink? ListenerSink { get; init; }

        public PeerTls[]? Tls { get; init; }

        public long SharedBytes { get; init; }
    }
}
