using Actors.Cpu;
using Actors.Runtime.Cluster;
using Actors.Runtime.Cluster.Links;
using Actors.Runtime.Fabric;
using Actors.Runtime.Dispatching;
using Actors.Runtime.Fabric.Channels;
using Actors.Runtime.Fabric.Experts;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Placement;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.LoadTests.Routing;

/// <summary>Memory of the scenario, or of a process's share of it: the group's fabric, each rank's tokens, and what is counted.</summary>
internal sealed class RoutingPlane : IRoutingPlane, ILinkedRanks
{
    private readonly Arena _arena;
    private readonly RankBatch?[] _batches;
    private readonly FabricRings _rings;
    private readonly NodeFabric?[] _nodes;

    /// <summary>Allocates.</summary>
    /// <param name="options">The group.</param>
    /// <param name="share">The nodes of this process; null: all.</param>
    public RoutingPlane(RoutingOptions options, HostShare? share = null)
    {
        Options = options;
        Plan = options.Plan;
        bool[] here = [.. Enumerable.Range(0, options.Shape.Nodes).Select(node => share?.Nodes.Contains(node) ?? true)];
        _rings = new FabricRings(Backend, options.Shape, options.Fabric, node => here[node], share?.SharedWith);
        _nodes = [.. here.Select((isHere, node) => isHere ? new NodeFabric(_rings, node, options.UnderWay) : null)];
        Ranks = [.. Enumerable.Range(0, options.Ranks).Where(IsHere)];
        Pool = new TensorPool(Backend);
        Frames = new FrameTransport([Backend], Plan, rank => IsHere(rank) ? 0 : null);
        Addresses = new RankAddresses(Plan);
        int batches = Ranks.Count * options.UnderWay;
        _arena = new Arena(Backend, batches * RankBatch.Bytes(options), (batches * RankBatch.HostBytes(options)) + Arena.Plan(1, options.Experts));
        Bias = _arena.TakeHost(1, options.Experts);
        Bias.AsSpan<float>().Clear();
        _batches = new RankBatch?[options.Ranks * options.UnderWay];
        foreach (int rank in Ranks)
        {
            // A rank's tokens are the same whichever process it is in.
            var random = new Random(rank);
            for (int exchange = 0; exchange < options.UnderWay; exchange++)
            {
                _batches[(rank * options.UnderWay) + exchange] = new RankBatch(_arena, options, random);
            }
        }

        Traffic = [.. Enumerable.Range(0, options.Ranks * options.Fabric.Channels).Select(_ => new TrafficCounters())];
        Experts = [.. Enumerable.Range(0, options.Ranks).Select(rank => new IdentityExperts(Backend, rank))];
    }

    public RoutingOptions Options { get; }

    public CpuBackend Backend { get; } = new();

    public RunPlan Plan { get; }

    public RankAddresses Addresses { get; }

    public FrameTransport Frames { get; }

    /// <summary>No rows travel but those of slots.</summary>
    public long MaxFrameElements => 0;

    public int Blocks => 0;

    public IReadOnlyList<int> Ranks { get; }

    /// <summary>The places of a rank's node.</summary>
    public NodeFabric FabricOf(int rank) => _nodes[_rings.Shape.NodeOf(rank)]!;

    public bool IsHere(int rank) => _nodes[_rings.Shape.NodeOf(rank)] is not null;

    public int ExchangesOf(int rank) => Options.UnderWay;

    public FabricRings? RingsOf(RankPosition rank) => _rings;

    public TensorPool Pool { get; }

    /// <summary>The gate's correction bias (1, experts).</summary>
    public HostTensor Bias { get; }

    /// <summary>Of each rank's channels.</summary>
    public TrafficCounters[] Traffic { get; }

    public IdentityExperts[] Experts { get; }

    public RankBatch Batch(int rank, int exchange) => _batches[(rank * Options.UnderWay) + exchange]!;

    public void Check()
    {
        foreach (int rank in Ranks)
        {
            for (int exchange = 0; exchange < Options.UnderWay; exchange++)
            {
                Batch(rank, exchange).Check(rank);
                Options.RequireNodes(rank, FabricOf(rank).Source(rank, exchange).Layout.MaxNodesOfToken);
            }
        }
    }

    public RoutingCounts Count() => RoutingCounts.Of(this);

    public RankActors Make(IUntypedActorContext parent, int rank)
    {
        int channels = Options.Fabric.Channels;
        return new RankActors(
            parent.ActorOf(Props.Create(() => new ChannelRankActor(rank, this)), $"rank-{rank}"),
            parent.ActorOf(RankDispatcher.BesideComputation(Props.Create(() => new WindowActor(rank, FabricOf(rank), Pool)), parent.System), $"window-{rank}"),
            parent.ActorOf(Props.Create(() => new ExpertShardActor(rank, FabricOf(rank), Experts[rank])), $"shard-{rank}"),
            [.. Enumerable.Range(0, channels).Select(channel =>
            {
                TrafficCounters traffic = Traffic[(rank * channels) + channel];
                Props props = Props.Create(() => new ChannelActor(
                    rank, channel, FabricOf(rank), Backend, new HostLink(), traffic, TimeProvider.System, null));
                return parent.ActorOf(RankDispatcher.BesideComputation(props, parent.System), $"channel-{rank}-{channel}");
            })]);
    }

    public void Dispose()
    {
        _arena.Dispose();
        _rings.Dispose();
        Frames.Dispose();
        Pool.Dispose();
        Backend.Dispose();
    }
}
