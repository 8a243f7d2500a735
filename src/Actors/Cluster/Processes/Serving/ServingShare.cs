using System.Collections.Immutable;
using Actors.Runtime.Cluster.Links;
using Actors.Runtime.Serving;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes.Serving;

/// <summary>A process's share of a serving placement. That of process 0, the leader's own, has the gateway.</summary>
internal sealed class ServingShare : IRunShare
{
    private readonly ServingHost _host;
    private readonly ShareLinks _links;
    private readonly string _name;
    private readonly bool _hasGateway;

    private ServingShare(ServingHost host, ShareLinks links, PrepareShare order) =>
        (_host, _links, _name, _hasGateway) = (host, links, $"epoch-{order.Epoch}", order.Process == 0);

    /// <inheritdoc/>
    public (ImmutableArray<IActorRef> Nodes, IActorRef Saver) Start(IActorRefFactory actors)
    {
        ServingHost host = _host;
        if (_hasGateway)
        {
            host.Gateway = actors.ActorOf(Props.Create(() => new GatewayActor(host, ImmutableArray<IActorRef>.Empty)), $"{_name}-gateway");
        }

        return (RunNodes.Start(actors, host, $"{_name}-node"), host.Gateway);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _links.EndAsync().ConfigureAwait(false);
        _host.Dispose();
        _links.Dispose();
    }

    /// <summary>Opens a share: links first, then memory, values and the ways between them.</summary>
    internal static async Task<ServingShare> OpenAsync(
        ActorSystem system, PrepareShare order, ILinkOpener opener, RunDevices devices, Func<HostShare, ServingHost> makeHost, Action<ServingHost, PrepareShare> load,
        Action<int, string> peerLost, CancellationToken cancellation)
    {
        ShareLinks links = await ShareLinks.OpenAsync(order, opener, peerLost, cancellation).ConfigureAwait(false);
        ServingHost? host = null;
        try
        {
            host = makeHost(links.Share(devices));
            load(host, order);
            ServingHost made = host;
            links.Receive(peer => new ServingReceiver(made, order.Epoch, isGateway: peer == 0, order.Processes[peer].Nodes.Contains));
            new RankLinks(host, order.Epoch, links.ToNode).Connect(system);
            new ServingLinks(host, order.Epoch, links.ToNode).Connect(system, links.To(0));
            return new ServingShare(host, links, order);
        }
        catch
        {
            await links.EndAsync().ConfigureAwait(false);
            host?.Dispose();
            links.Dispose();
            throw;
        }
    }
}
