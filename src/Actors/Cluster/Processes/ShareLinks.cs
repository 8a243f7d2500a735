using Actors.Runtime.Peers;
using Actors.Tensors;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>The links of a process's share to the other processes of its placement, opened before there is memory for what they bring.</summary>
internal sealed class ShareLinks : IAsyncDisposable
{
    private readonly PrepareShare _order;
    private readonly WaitingSink[] _sinks;
    private readonly PeerLink?[] _links;

    private ShareLinks(PrepareShare order, WaitingSink[] sinks, PeerLink?[] links) => (_order, _sinks, _links) = (order, sinks, links);

    /// <summary>Opens all links of a placement.</summary>
    /// <param name="order">The placement, and the process's number in it.</param>
    /// <param name="opener">Opens them.</param>
    /// <param name="peerLost">Is told when one has ended.</param>
    /// <param name="cancellation">Asks to give up.</param>
    public static async Task<ShareLinks> OpenAsync(PrepareShare order, ILinkOpener opener, Action<int, string> peerLost, CancellationToken cancellation)
    {
        WaitingSink[] sinks = [.. order.Processes.Select((_, peer) => new WaitingSink(reason => peerLost(peer, reason)))];
        return new ShareLinks(order, sinks, await opener.OpenAsync(order, sinks, cancellation).ConfigureAwait(false));
    }

    /// <summary>What of the plan lives here, and which memory it shares with others.</summary>
    public HostShare Share()
    {
        Arena?[] shared = [.. _links.Select(link => link?.Shared is { Bytes: > 0 } buffer ? new Arena(buffer) : null)];
        return new HostShare(_order.Processes[_order.Process].Nodes)
        {
            SharedWith = node => shared[ProcessOf(node)],
            Processes = [.. _order.Processes.Select(process => process.Nodes)],
        };
    }

    /// <summary>Names who takes what the links bring from now on.</summary>
    /// <param name="sinkOf">The sink for what a process sends, by its number.</param>
    public void Receive(Func<int, IFrameSink> sinkOf)
    {
        for (int peer = 0; peer < _links.Length; peer++)
        {
            if (_links[peer] is not null)
            {
                _sinks[peer].Open(sinkOf(peer));
            }
        }
    }

    /// <summary>The link to a process, by its number; null for the process itself.</summary>
    public PeerLink? To(int process) => _links[process];

    /// <summary>The link to the process that has a node of the plan.</summary>
    public PeerLink ToNode(int node) => _links[ProcessOf(node)]!;

    /// <summary>Closes all; after this no link reads or writes the share's memory.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (PeerLink? link in _links)
        {
            if (link is not null)
            {
                link.End("the share was given up");
                await link.Completion.ConfigureAwait(false);
                link.Dispose();
            }
        }
    }

    private int ProcessOf(int node)
    {
        int process = 0;
        while (!_order.Processes[process].Nodes.Contains(node))
        {
            process++;
        }

        return process;
    }
}
