using System.Diagnostics;
using System.IO.Hashing;
using Actors.Runtime.Peers;
using Actors.Runtime.Peers.Opening;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.LoadTests.Links;

/// <summary>Sends frames of one size over a link, as many under way as there are credits.</summary>
internal sealed class LinkLoad : IFrameSink, IDisposable
{
    /// <summary>The largest payload.</summary>
    public const int MostBytes = PayloadBuffers.Bytes / 4;

    /// <summary>A frame of load; A: its place.</summary>
    public const int LoadKind = 1;

    /// <summary>A frame that is answered with the checksum of what arrived.</summary>
    public const int CheckKind = 2;

    /// <summary>A: so many frames were read. For a check, B and C: the checksum.</summary>
    public const int CreditKind = 3;

    private readonly PayloadBuffers _buffers = new();
    private readonly SemaphoreSlim _credited = new(0);
    private PeerLink _link = null!;
    private volatile string? _ended;
    private int _credits;
    private ulong _checksum;

    /// <summary>Opens the link.</summary>
    public static async Task<LinkLoad> OpenAsync(PeerProcess peer, bool sharesMemory)
    {
        var load = new LinkLoad();
        var environment = new LinkEnvironment(
            PeerProcess.Settings with { SharedMemory = sharesMemory }, load, NullLogger.Instance, TimeProvider.System);
        load._link = await new PeerConnector(peer.Identity(1), environment).ConnectAsync(0, "127.0.0.1", peer.LinkPort);
        return load._link.SharesMemory == sharesMemory
            ? load
            : throw new CheckFailedException($"This machine's {Actors.Runtime.Peers.Memory.SharedMemory.Folder} has no room for the link's shared memory.");
    }

    /// <summary>Frames of a size that are under way at most: enough to hide a credit's way, few enough for the caches.</summary>
    public static int Window(int bytes) => Math.Clamp((4 << 20) / bytes, 4, 256) / 4 * 4;

    /// <summary>Frames for which one credit is sent.</summary>
    public static int Batch(int bytes) => Window(bytes) / 4;

    /// <summary>Sends one frame a buffer and compares what arrived.</summary>
    public void Check(int bytes)
    {
        for (int i = 0; i < Window(bytes); i++)
        {
            Span<byte> payload = _buffers.Payload(i, bytes);
            Random.Shared.NextBytes(payload);
            Send(CheckKind, i, bytes);
            Take();
            if (_checksum != XxHash3.HashToUInt64(payload))
            {
                throw new CheckFailedException($"A frame of {bytes} bytes arrived changed.");
            }
        }
    }

    /// <summary>Sends for a time.</summary>
    /// <returns>Gigabytes a second, until the last credit has come back.</returns>
    public double Run(int bytes, TimeSpan time)
    {
        int window = Window(bytes), free = window;
        long sent = 0, start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time || sent % Batch(bytes) != 0)
        {
            free += free == 0 ? Take() : 0;
            for (; free > 0; free--, sent++)
            {
                Send(LoadKind, (int)(sent % PayloadBuffers.Places(bytes)), bytes);
            }
        }

        while (free < window)
        {
            free += Take();
        }

        return sent * (double)bytes / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    public void Dispose()
    {
        _link?.Dispose();
        _link?.Completion.Wait();
        _buffers.Dispose();
        _credited.Dispose();
    }

    int IFrameSink.Reserve(PeerLink from, in FrameHeader header, Span<PayloadPart> places) => throw new FrameRefusedException("no payload is wanted here");

    void IFrameSink.Arrived(PeerLink from, in FrameHeader header)
    {
        _checksum = (uint)header.B | (ulong)(uint)header.C << 32;
        if (Interlocked.Add(ref _credits, header.A) == header.A)
        {
            _credited.Release();
        }
    }

    void IFrameSink.Ended(PeerLink from, string reason)
    {
        _ended = reason;
        _credited.Release();
    }

    private void Send(int kind, int place, int bytes) => _link.Send(
        PeerLink.FrameLane, new FrameHeader { Kind = kind, A = place, B = Window(bytes) }, [new PayloadPart(_buffers.Pointer(place, bytes), bytes)], null);

    /// <summary>Takes all credits there are; waits for some.</summary>
    private int Take()
    {
        int taken;
        do
        {
            if (!_credited.Wait(TimeSpan.FromMinutes(1)) || _ended is not null)
            {
                throw new CheckFailedException(_ended ?? "The link came to a stop: no credit for a minute.");
            }

            taken = Interlocked.Exchange(ref _credits, 0);
        }
        while (taken == 0);
        return taken;
    }
}
