using Actors.LoadTests.Links;
using Actors.Runtime.Cluster;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Peers;
using Actors.Runtime.Peers.Opening;
using Actors.Tensors;
using Microsoft.Extensions.Logging;

namespace Actors.LoadTests.Routing.Nodes;

/// <summary>The links of a node process to the others: it connects to those before it and is connected to by those after it.</summary>
internal sealed class NodeLinks : IFrameSink, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly RoutingOptions _options;
    private readonly int _process;
    private readonly LinkEnvironment _environment;
    private readonly PeerIdentity _identity;
    private readonly PeerListener _listener;
    private readonly WaitingSink[] _sinks;
    private readonly TaskCompletionSource<PeerLink>[] _accepted;
    private readonly PeerLink?[] _links;

    /// <summary>Begins to listen.</summary>
    /// <param name="options">The group.</param>
    /// <param name="process">This process's number.</param>
    /// <param name="secret">What all of them know.</param>
    /// <param name="ended">Is told why a link has ended.</param>
    public NodeLinks(RoutingOptions options, int process, string secret, Action<string> ended)
    {
        (_options, _process) = (options, process);
        _identity = PeerProcess.ReadIdentity(secret) with { Process = process, Processes = options.Processes };
        _sinks = [.. Enumerable.Range(0, options.Processes).Select(_ => new WaitingSink(ended))];
        _accepted = [.. _sinks.Select(_ => new TaskCompletionSource<PeerLink>(TaskCreationOptions.RunContinuationsAsynchronously))];
        _links = new PeerLink?[options.Processes];
        ILogger log = new TextLog(Console.Error, LogLevel.Warning, TimeProvider.System).CreateLogger(LinkLog.Component);
        _environment = new LinkEnvironment(PeerProcess.Settings with { SharedMemory = options.SharesMemory }, this, log, TimeProvider.System)
        {
            SharedBytes = SharedBytes,
        };
        _listener = new PeerListener(_identity, _environment, link => _accepted[link.Peer].TrySetResult(link));
    }

    /// <summary>Where it listens.</summary>
    public int Port => _listener.EndPoint.Port;

    /// <summary>The nodes of a process: neighbours, shared out evenly as a cluster's leader does.</summary>
    public static int[] NodesOf(RoutingOptions options, int process)
    {
        int nodes = options.Shape.Nodes, first = process * nodes / options.Processes, end = (process + 1) * nodes / options.Processes;
        return [.. Enumerable.Range(first, end - first)];
    }

    /// <summary>Opens the links to all others.</summary>
    /// <param name="ports">Where each process listens.</param>
    public async Task OpenAsync(int[] ports)
    {
        var connector = new PeerConnector(_identity, _environment);
        for (int peer = 0; peer < ports.Length; peer++)
        {
            if (peer != _process)
            {
                _links[peer] = peer < _process
                    ? await connector.ConnectAsync(peer, "127.0.0.1", ports[peer])
                    : await _accepted[peer].Task.WaitAsync(Patience);
                if (_links[peer]!.SharesMemory != _options.SharesMemory)
                {
                    throw new CheckFailedException($"{Runtime.Peers.Memory.SharedMemory.Folder} has no room for the links' shared memory; --links tcp does without.");
                }
            }
        }
    }

    /// <summary>What of the group lives here, with the memory that the links share.</summary>
    public HostShare Share()
    {
        Arena?[] shared = [.. _links.Select(link => link?.Shared is { Bytes: > 0 } buffer ? new Arena(buffer) : null)];
        return new HostShare([.. NodesOf(_options, _process)]) { SharedWith = node => shared[ProcessOf(node)] };
    }

    /// <summary>The link to the process of a node.</summary>
    public PeerLink LinkTo(int node) => _links[ProcessOf(node)]!;

    /// <summary>Names the places for what comes.</summary>
    public void Receive(Func<IFrameSink> makeSink)
    {
        foreach (WaitingSink sink in _sinks)
        {
            sink.Open(makeSink());
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (PeerLink? link in _links)
        {
            link?.Dispose();
            link?.Completion.Wait(Patience);
        }
    }

    int IFrameSink.Reserve(PeerLink from, in FrameHeader header, Span<PayloadPart> places) => _sinks[from.Peer].Reserve(from, header, places);

    void IFrameSink.Arrived(PeerLink from, in FrameHeader header) => _sinks[from.Peer].Arrived(from, header);

    void IFrameSink.Ended(PeerLink from, string reason) => _sinks[from.Peer].Ended(from, reason);

    private int ProcessOf(int node) => Enumerable.Range(0, _options.Processes).First(process => NodesOf(_options, process).Contains(node));

    private long SharedBytes(int peer) => _options.SharesMemory
        ? 2L * NodesOf(_options, _process).Length * NodesOf(_options, peer).Length * FabricRings.PairBytes(_options.Shape, _options.Fabric)
        : 0;
}
