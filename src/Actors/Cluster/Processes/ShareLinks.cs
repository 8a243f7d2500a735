using Actors.Runtime.Peers;
using Actors.Tensors;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>The links of a process's share to the other processes of its placement, opened before there is memory for what they bring.</summary>
internal sealed class ShareLinks : IDisposable
{
    private readonly PrepareShare _order;
    private readonly WaitingSink[] _sinks;
    private readonly PeerLink?[] _links;
    private readonly Arena?[] _shared;

    private ShareLinks(PrepareShare order, WaitingSink[] sinks, PeerLink?[] links) =>
        (_order, _sinks, _links, _shared) = (order, sinks, links, new Arena?[links.Length]);

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
    /// <param name="devices">The devices of this process, which will read and write that memory.</param>
    /// <exception cref="PeerLinkException">They cannot; the message says why, and what to do.</exception>
    public HostShare Share(RunDevices devices)
    {
        for (int peer = 0; peer < _links.Length; peer++)
        {
            _shared[peer] = _links[peer] is { Shared: { Bytes: > 0 } buffer } link ? new Arena(Import(devices, link, buffer)) : null;
        }

        return new HostShare(_order.Processes[_order.Process].Nodes)
        {
            SharedWith = node => _shared[ProcessOf(node)],
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

    /// <summary>Ends all; after this no link reads or writes the share's memory.</summary>
    public async ValueTask EndAsync()
    {
        foreach (PeerLink? link in _links)
        {
            if (link is not null)
            {
                link.End("the share was given up");
                await link.Completion.ConfigureAwait(false);
            }
        }
    }

    /// <summary>Frees the memory that the links share, once they have ended and the host is freed: work of a device may use it until then.</summary>
    public void Dispose()
    {
        Array.ForEach(_shared, static shared => shared?.Dispose());
        Array.ForEach(_links, static link => link?.Dispose());
    }

    private static DeviceBuffer Import(RunDevices devices, PeerLink link, DeviceBuffer buffer)
    {
        try
        {
            return devices.First.ImportHost(buffer);
        }
        catch (IOException failure)
        {
            throw new PeerLinkException(
                $"{devices.First.Name} cannot use the memory that is shared with {link.Name}: {failure.Message}; or have all processes do without it: actors.cluster.links.shared-memory = off",
                failure);
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
