using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Peers;
using Actors.Runtime.Peers.Opening;
using Actors.Runtime.Placement;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>
/// Opens a process's links for one purpose, training or serving: it connects to those before it in the placement and is connected to by
/// those after it. The listener lives as long as the process, is shared by both, and takes links of their present placements alone.
/// </summary>
internal sealed class PeerLinkOpener : ILinkOpener, IDisposable
{
    /// <summary>A peer that has not yet heard of the placement refuses its epoch.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(50);

    private readonly ClusterProcessOptions _options;
    private readonly PeerTls? _tls;
    private readonly ILogger _log;
    private readonly PeerListener _listener;
    private readonly RunPlan _plan;
    private readonly string _runHash;
    private Guid _run;

    private PeerLinkOpener(ClusterProcessOptions options)
    {
        _options = options;
        Secret = PeerSecret.Read(options.Links.SecretFile);
        _log = options.Telemetry.Loggers.CreateLogger(LinkLog.Component);
        _tls = PeerTls.Load(options.Links.Tls);
        (_plan, _runHash) = (options.Plan, options.RunHash);
        var nobody = new PeerIdentity(Guid.Empty, 0, 0, 1, new byte[PeerIdentity.PlanBytes], Secret);
        _listener = new PeerListener(nobody, EnvironmentOf(new WaitingSink(static _ => { }), null), static link => link.Dispose());
    }

    private PeerLinkOpener(PeerLinkOpener beside, RunPlan plan, string runHash) =>
        (_options, Secret, _log, _tls, _listener, _plan, _runHash) = (beside._options, beside.Secret, beside._log, beside._tls, beside._listener, plan, runHash);

    /// <summary>What all processes of the cluster know; empty where the cluster is on the loopback address alone.</summary>
    public ReadOnlyMemory<byte> Secret { get; }

    /// <summary>Where the process's links are accepted.</summary>
    public int Port => _listener.EndPoint.Port;

    /// <summary>Begins to listen.</summary>
    public static PeerLinkOpener Listen(ClusterProcessOptions options) => new(options);

    /// <summary>An opener for another purpose at the same listener.</summary>
    /// <param name="plan">Whose nodes are placed.</param>
    /// <param name="runHash">Hash of all that the processes must agree on for it.</param>
    public ILinkOpener Beside(RunPlan plan, string runHash) => new PeerLinkOpener(this, plan, runHash);

    /// <inheritdoc/>
    public async Task<PeerLink?[]> OpenAsync(PrepareShare order, IReadOnlyList<IFrameSink> sinks, CancellationToken cancellation)
    {
        var opening = new Opening(order);
        PeerIdentity identity = IdentityOf(order);
        _listener.Leave(_run);
        _run = identity.Run;
        _listener.Serve(identity, EnvironmentOf(new Accepted(sinks), peer => BytesWith(order, peer)), opening.Take);
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
        var connector = new PeerConnector(identity, EnvironmentOf(sink, of => BytesWith(order, of)));
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
        ? HostShare.BytesBetween(_plan.With(order.Sizes), _options.Devices.First.Precision, order.Processes[order.Process].Nodes, order.Processes[peer].Nodes)
        : 0;

    private LinkEnvironment EnvironmentOf(IFrameSink sink, Func<int, long>? sharedBytes) =>
        new(_options.Links, sink, _log, _options.Time) { Tls = _tls, SharedBytes = sharedBytes, Meters = _options.Telemetry.Meters?.Links };

    /// <summary>The plan's hash also names its sizes, all processes and their nodes: who was told of another placement is refused.</summary>
    private PeerIdentity IdentityOf(PrepareShare order)
    {
        var text = new StringBuilder($"{_runHash}\n{order.Sizes}");
        foreach (ProcessShare share in order.Processes)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{share.Name} {share.LinkAddress}:{share.LinkPort} {string.Join(',', share.Nodes)}");
        }

        byte[] run = SHA256.HashData(Encoding.UTF8.GetBytes($"{_runHash}\n{order.Order.OutputFolder}"));
        return new PeerIdentity(
            new Guid(run.AsSpan(0, 16)), order.Epoch, order.Process, order.Processes.Length,
            SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())), Secret);
    }

    /// <summary>The links of one placement as they come.</summary>
    private sealed class Opening(PrepareShare order)
    {
        private bool _isCancelled;

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

    /// <summary>Hands what accepted links bring to the sink of their process.</summary>
    private sealed class Accepted(IReadOnlyList<IFrameSink> sinks) : IFrameSink
    {
        public int Reserve(PeerLink from, in FrameHeader header, Span<PayloadPart> places) => sinks[from.Peer].Reserve(from, header, places);

        public void Arrived(PeerLink from, in FrameHeader header) => sinks[from.Peer].Arrived(from, header);

        public void Ended(PeerLink from, string reason) => sinks[from.Peer].Ended(from, reason);
    }
}
