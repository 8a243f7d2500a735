using System.Collections.Immutable;
using Actors.Runtime.Cluster.Links;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>A process's share of a training run.</summary>
internal sealed class TrainingShare : IRunShare
{
    private readonly TrainingHost _host;
    private readonly ShareLinks _links;
    private readonly int _epoch;
    private readonly int _process;

    private TrainingShare(TrainingHost host, ShareLinks links, PrepareShare order) =>
        (_host, _links, _epoch, _process) = (host, links, order.Epoch, order.Process);

    /// <inheritdoc/>
    public (ImmutableArray<IActorRef> Nodes, IActorRef Saver) Start(IActorRefFactory actors)
    {
        (TrainingHost host, int epoch, int process) = (_host, _epoch, _process);
        return (
            RunNodes.Start(actors, host, $"epoch-{epoch}-node"),
            actors.ActorOf(Props.Create(() => new BlockSaverActor(host, epoch, process)), $"epoch-{epoch}-saver"));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _links.EndAsync().ConfigureAwait(false);

        // A checkpoint may still be written from this memory.
        await _host.Saving.ConfigureAwait(false);
        _host.Dispose();
        _links.Dispose();
    }

    /// <summary>Opens a share: links first, then memory, values and the ways between them.</summary>
    internal static async Task<TrainingShare> OpenAsync(
        ActorSystem system, PrepareShare order, ILinkOpener opener, RunDevices devices, Func<HostShare, TrainingHost> makeHost, Action<TrainingHost, PrepareShare> load,
        Action<int, string> peerLost, CancellationToken cancellation)
    {
        ShareLinks links = await ShareLinks.OpenAsync(order, opener, peerLost, cancellation).ConfigureAwait(false);
        TrainingHost? host = null;
        try
        {
            host = makeHost(links.Share(devices));
            load(host, order);
            TrainingHost made = host;
            links.Receive(_ => new FrameReceiver(made, order.Epoch));
            new RankLinks(host, order.Epoch, links.ToNode).Connect(system);
            return new TrainingShare(host, links, order);
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
