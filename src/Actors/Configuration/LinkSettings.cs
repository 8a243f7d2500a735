namespace Actors.Runtime.Configuration;

/// <summary><c>actors.cluster.links</c>: links between processes.</summary>
public sealed record LinkSettings
{
    private const string Section = "actors.cluster.links";

    /// <summary>Address that is listened on.</summary>
    public required string BindHost { get; init; }

    /// <summary>Port that is listened on; 0: any that is free.</summary>
    public required int Port { get; init; }

    /// <summary>Lanes of chunks of a link, beside that of control and that of frames.</summary>
    public required int ChunkLanes { get; init; }

    /// <summary>Whether processes of one host share memory.</summary>
    public required bool SharedMemory { get; init; }

    /// <summary>Bytes of a ring in shared memory, a power of two; a lane has two.</summary>
    public required int RingBytes { get; init; }

    /// <summary>Most frames that wait in a lane to be sent.</summary>
    public required int QueueFrames { get; init; }

    /// <summary>Most bytes of a payload.</summary>
    public required long MaxFrameBytes { get; init; }

    /// <summary>File with the secret that all processes of a run know; null: none, and only this host is listened to.</summary>
    public required string? SecretFile { get; init; }

    /// <summary>Most connections that are open and have not proven that they know the secret.</summary>
    public required int MaxUnprovenConnections { get; init; }

    /// <summary>Time from a connection to the end of the handshake.</summary>
    public required TimeSpan HandshakeTimeout { get; init; }

    /// <summary>Time between two questions whether the other process lives.</summary>
    public required TimeSpan PingInterval { get; init; }

    /// <summary>Time without a sign of life, or without a byte read, after which a link ends.</summary>
    public required TimeSpan SilenceTimeout { get; init; }

    /// <summary>Certificates; null: no TLS.</summary>
    public required TlsSettings? Tls { get; init; }

    internal static LinkSettings Read(SettingsReader reader)
    {
        LinkSettings settings = ReadKeys(reader);
        return settings.SilenceTimeout > settings.PingInterval
            ? settings
            : throw reader.Broken($"{Section}.silence-timeout", $"it must be longer than ping-interval, {settings.PingInterval.TotalSeconds:0.###} s");
    }

    private static LinkSettings ReadKeys(SettingsReader reader) => new()
    {
        BindHost = reader.OptionalText("actors.cluster.host") ?? throw reader.Wrong("actors.cluster.host", "a name or an address of this host"),
        Port = reader.Int($"{Section}.port", least: 0, most: 65535),
        ChunkLanes = reader.Int($"{Section}.chunk-lanes", most: 30),
        SharedMemory = reader.Flag($"{Section}.shared-memory"),
        RingBytes = PowerOfTwo(reader, $"{Section}.ring-bytes"),
        QueueFrames = reader.Int($"{Section}.queue-frames", least: 16, most: 1 << 20),
        MaxFrameBytes = reader.Long($"{Section}.max-frame-bytes", least: 1 << 16, most: 1L << 40),
        SecretFile = reader.OptionalText("actors.cluster.secret-file"),
        MaxUnprovenConnections = reader.Int($"{Section}.max-unproven-connections", most: 65536),
        HandshakeTimeout = reader.FiniteTime($"{Section}.handshake-timeout"),
        PingInterval = reader.FiniteTime($"{Section}.ping-interval"),
        SilenceTimeout = reader.FiniteTime($"{Section}.silence-timeout"),
        Tls = TlsSettings.Read(reader),
    };

    private static int PowerOfTwo(SettingsReader reader, string key)
    {
        int bytes = reader.Int(key, least: 1 << 16, most: 1 << 30);
        return int.IsPow2(bytes) ? bytes : throw reader.Wrong(key, "a power of two from 65536 to 1073741824");
    }
}
