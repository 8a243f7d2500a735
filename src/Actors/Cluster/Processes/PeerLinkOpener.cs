using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Peers;
using Actors.Runtime.Peers.Opening;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>
/// Opens a process's links: it connects to those before it in the placement and is connected to by those after it. The listener lives
/// as long as the process, and takes links of the present placement alone.
/// </summary>
internal sealed class PeerLinkOpener : ILinkOpener, IDisposable
{
    /// <summary>A peer that has not yet heard of the placement refuses its epoch.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(50);

    private readonly ClusterProcessOptions _options;
    private readonly ConcurrentDictionary<PeerLink, IFrameSink> _accepted = new();
    private readonly LinkEnvironment _environment;
    private readonly PeerListener _listener;
    private volatile Opening? _opening;

    private PeerLinkOpener(ClusterProcessOptions options)
    {
        _options = options;
        Secret = PeerSecret.Read(options.Links.SecretFile);
        ILogger log = options.Telemetry.Loggers.CreateLogger(LinkLog.Component);
        _environment = new LinkEnvironment(options.Links, new Accepted(this), log, options.Time)
        {
            Tls = PeerTls.Load(options.Links.Tls),
            SharedBytes = peer => _opening is { } opening ? BytesWith(opening.Order, peer) : 0,
        };
        _listener = new PeerListener(new PeerIdentity(Guid.Empty, 0, 0, 1, new byte[PeerIdentity.PlanBytes], Secret), _environment, Accept);
    }

    /// <summary>What all processes of the cluster know; empty where the cluster is on the loopback address alone.</summary>
    public ReadOnlyMemory<byte> Secret { get; }

    /// <summary>Where the process's links are accepted.</summary>
    public int Port => _listener.EndPoint.Port;

    /// <summary>Begins to listen.</summary>
    public static PeerLinkOpener Listen(ClusterProcessOptions options) => new(options);

    /// <inheritdoc/>
    public async Task<PeerLink?[]> OpenAsync(PrepareShare order, IReadOnlyList<IFrameSink> sinks, CancellationToken cancellation)
    {
        var opening = new Opening(order, sinks);
        PeerIdentity identity = IdentityOf(order);
        _opening = opening;
        _listener.Identity = identity;
        var links = new PeerLink?[order.Processes.Length];
        try
        {
            for (int peer = 0; peer < order.Process; peer++)
            {
                links[peer] = await ConnectAsync(identity, order, peer, sinks[peer], cancellation).ConfigureAwait(false);
            }

            for (int peer = order.Process + 1; peer < links.Length; peer++)
            {
                links[peer] = await opening.Accepted[peer].Task.WaitAsync(_options.Settings.PlaceTimeout, _options.Time, cancellation).ConfigureAwait(false);
            }

            return links;
        }
        catch
        {
            opening.Cancel();
            foreach (PeerLink? link in links)
            {
                link?.Dispose();
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private async Task<PeerLink> ConnectAsync(PeerIdentity identity, PrepareShare order, int peer, IFrameSink sink, CancellationToken cancellation)
    {
        ProcessShare share = order.Processes[peer];
        var connector = new PeerConnector(identity, _environment with { Sink = sink, SharedBytes = of => BytesWith(order, of) });
        long started = _options.Time.GetTimestamp();
        while (true)
        {
            try
            {
                return await connector.ConnectAsync(peer, share.LinkAddress, share.LinkPort, cancellation).ConfigureAwait(false);
            }
            catch (PeerLinkException) when (_options.Time.GetElapsedTime(started) < _options.Settings.PlaceTimeout)
            {
                await Task.Delay(RetryAfter, _options.Time, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Memory for the rings between the nodes of two processes: both sides ask for the same.</summary>
    private long BytesWith(PrepareShare order, int peer) => (uint)peer < (uint)order.Processes.Length
        ? HostShare.BytesBetween(_options.Plan, order.Processes[order.Process].Nodes, order.Processes[peer].Nodes)
        : 0;

    private void Accept(PeerLink link)
    {
        if (_opening is { } opening && opening.Sinks.Count > link.Peer)
        {
            _accepted[link] = opening.Sinks[link.Peer];
            opening.Take(link);
        }
        else
        {
            link.Dispose();
        }
    }

    /// <summary>The plan's hash also names all processes and their nodes: who was told of another placement is refused.</summary>
    private PeerIdentity IdentityOf(PrepareShare order)
    {
        var text = new StringBuilder(_options.RunHash);
        foreach (ProcessShare share in order.Processes)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{share.Name} {share.LinkAddress}:{share.LinkPort} {string.Join(',', share.Nodes)}");
        }

        byte[] run = SHA256.HashData(Encoding.UTF8.GetBytes($"{_options.RunHash}\n{order.Order.OutputFolder}"));
        return new PeerIdentity(
            new Guid(run.AsSpan(0, 16)), order.Epoch, order.Process, order.Processes.Length,
            SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())), Secret);
    }

    /// <summary>The links of one placement as they come.</summary>
    private sealed class Opening(PrepareShare order, IReadOnlyList<IFrameSink> sinks)
    {
        private bool _isCancelled;

        public PrepareShare Order { get; } = order;

        public IReadOnlyList<IFrameSink> Sinks { get; } = sinks;

        public ImmutableArray<TaskCompletionSource<PeerLink>> Accepted { get; } =
            [.. order.Processes.Select(_ => new TaskCompletionSource<PeerLink>(TaskCreationOptions.RunContinuationsAsynchronously))];

        public void Take(PeerLink link)
        {
            lock (Accepted[link.Peer])
            {
                if (_isCancelled || !Accepted[link.Peer].TrySetResult(link))
                {
                    link.Dispose();
                }
            }
        }

        /// <summary>Nobody waits for links any more: those that have come are closed, and those that come.</summary>
        public void Cancel()
        {
            foreach (TaskCompletionSource<PeerLink> accepted in Accepted)
            {
                lock (accepted)
                {
                    _isCancelled = true;
                    if (accepted.Task.IsCompletedSuccessfully)
                    {
                        accepted.Task.Result.Dispose();
                    }
                }
            }
        }
    }

    /// <summary>Hands what accepted links bring to the sink of their placement.</summary>
    private sealed class Accepted(PeerLinkOpener opener) : IFrameSink
    {
        public int Reserve(PeerLink from, in FrameHeader header, Span<PayloadPart> places) => opener._accepted[from].Reserve(from, header, places);

        public void Arrived(PeerLink from, in FrameHeader header) => opener._accepted[from].Arrived(from, header);

        public void Ended(PeerLink from, string reason)
        {
            if (opener._accepted.TryRemove(from, out IFrameSink? sink))
            {
                sink.Ended(from, reason);
            }
        }
    }
}
