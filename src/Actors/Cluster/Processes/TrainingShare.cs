using System.Collections.Immutable;
using Actors.Runtime.Cluster.Links;
using Actors.Runtime.Peers;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>A process's share of a training run.</summary>
internal sealed class TrainingShare : IRunShare
{
    private readonly TrainingHost _host;
    private readonly PeerLink?[] _links;
    private readonly int _epoch;
    private readonly int _process;

    private TrainingShare(TrainingHost host, PeerLink?[] links, PrepareShare order) =>
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
        await CloseAsync(_links).ConfigureAwait(false);

        // A checkpoint may still be written from this memory.
        await _host.Saving.ConfigureAwait(false);
        _host.Dispose();
    }

    /// <summary>Opens a share: links first, then memory, values and the ways between them.</summary>
    internal static async Task<TrainingShare> OpenAsync(
        ActorSystem system, PrepareShare order, ILinkOpener opener, Func<HostShare, TrainingHost> makeHost, Action<TrainingHost, PrepareShare> load,
        Action<int, string> peerLost, CancellationToken cancellation)
    {
        WaitingSink[] sinks = [.. order.Processes.Select((_, peer) => new WaitingSink(reason => peerLost(peer, reason)))];
        PeerLink?[] links = await opener.OpenAsync(order, sinks, cancellation).ConfigureAwait(false);
        TrainingHost? host = null;
        try
        {
            Arena?[] shared = [.. links.Select(link => link?.Shared is { Bytes: > 0 } buffer ? new Arena(buffer) : null)];
            host = makeHost(new HostShare(order.Processes[order.Process].Nodes)
            {
                SharedWith = node => shared[ProcessOf(order, node)],
                Processes = [.. order.Processes.Select(process => process.Nodes)],
            });
            load(host, order);
            foreach ((WaitingSink sink, PeerLink? link) in sinks.Zip(links))
            {
                if (link is not null)
                {
                    sink.Open(new FrameReceiver(host, order.Epoch));
                }
            }

            new RankLinks(host, order.Epoch, node => links[ProcessOf(order, node)]!).Connect(system);
            return new TrainingShare(host, links, order);
        }
        catch
        {
            await CloseAsync(links).ConfigureAwait(false);
            host?.Dispose();
            throw;
        }
    }

    private static int ProcessOf(PrepareShare order, int node) => order.Processes.Select((share, number) => (share, number)).First(of => of.share.Nodes.Contains(node)).number;

    /// <summary>After this no link reads or writes the share's memory.</summary>
    private static async Task CloseAsync(PeerLink?[] links)
    {
        foreach (PeerLink? link in links)
        {
            if (link is not null)
            {
                link.End("the share was given up");
                await link.Completion.ConfigureAwait(false);
                link.Dispose();
            }
        }
    }
}
