using System.Collections.Immutable;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Runtime.Cluster.Links;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Channels;
using Actors.Runtime.Fabric.Devices;
using Actors.Runtime.Fabric.Layout;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Runtime.Cluster;

/// <summary>
/// The part of a run that lives in this process: its memory domains, the ranks in them, and the transports between them. Each node's
/// actors are given their own ranks alone; who holds this loads while no step runs.
/// </summary>
public abstract class RunHost : ILinkedRanks, IDisposable
{
    private readonly OwnedResources _owned = new();
    private readonly TrafficCounters[] _traffic;
    private readonly FabricRings?[] _rings;
    private readonly HostShare _share;
    private readonly RunDevices _devices;
    private readonly bool[] _isHere;
    private readonly int?[] _deviceOf;

    /// <summary>Allocates what every kind of run needs.</summary>
    /// <param name="plan">Shape of the run; it is checked.</param>
    /// <param name="devices">
    /// As many as the plan says, of more the first ones are used; with a share any number, and its nodes are divided over them, a whole node on one.
    /// </param>
    /// <param name="telemetry">Where the run logs and counts; null: nowhere.</param>
    /// <param name="share">What of the plan lives in this process; null: all.</param>
    private protected RunHost(RunPlan plan, RunDevices devices, Telemetry? telemetry = null, HostShare? share = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(devices);
        Plan = plan.Validated();
        if (plan.Devices > devices.Backends.Length)
        {
            throw new ArgumentException($"The plan divides its ranks over {plan.Devices} devices, and {devices.Backends.Length} are given: give as many, or more.", nameof(devices));
        }

        _share = share ?? new HostShare([.. Enumerable.Range(0, plan.Nodes)]);
        _isHere = [.. Enumerable.Range(0, plan.Ranks).Select(rank => _share.Nodes.Contains(plan.NodeOf(rank)))];
        if (!plan.SeparatesNodes && !Array.TrueForAll(_isHere, static here => here))
        {
            throw new ArgumentException("A run whose nodes live in several processes cannot share memory: its plan separates nodes.", nameof(share));
        }

        _devices = devices;
        _deviceOf = [.. Enumerable.Range(0, plan.Ranks).Select(rank => !_isHere[rank] ? (int?)null : share is null ? plan.DeviceOf(rank) : DeviceOf(share, plan.NodeOf(rank)))];
        RequireReach();
        Addresses = new RankAddresses(plan);
        Telemetry = telemetry ?? Telemetry.None;
        Layout = new StageLayout(plan.Model, plan.Stages);
        RankTallies = Tallies(plan.Ranks);
        DomainTallies = Tallies(plan.Domains);
        TransportTallies = Tallies(plan.Domains);
        Catalog = new BlockCatalog(plan.Model, plan.ExpertPlacement());
        Frames = Own(new FrameTransport([.. devices.Backends.Select(FramesOn)], plan, rank => _deviceOf[rank], devices.ReachEachOther));
        _rings = new FabricRings?[plan.DataGroups * plan.PipelineRanks];
        _traffic = new TrafficCounters[plan.Ranks * plan.Fabric.Channels];
        for (int i = 0; i < _traffic.Length; i++)
        {
            _traffic[i] = new TrafficCounters();
        }

        Telemetry.Meters?.Fabric.Observe(_traffic);
    }

    /// <summary>Shape of the run.</summary>
    public RunPlan Plan { get; }

    /// <summary>The nodes of the plan that live in this process, ascending.</summary>
    public ImmutableArray<int> Nodes => _share.Nodes;

    /// <summary>Carries frames between domains.</summary>
    internal FrameTransport Frames { get; }

    /// <summary>Elements of the largest frame that can come: rows of a chunk, a block's gradients or values.</summary>
    internal abstract long MaxFrameElements { get; }

    /// <summary>Where the actors of all ranks are.</summary>
    internal RankAddresses Addresses { get; }

    /// <summary>Numbers of the model's blocks.</summary>
    internal BlockCatalog Catalog { get; }

    /// <summary>Where the run logs and counts.</summary>
    internal Telemetry Telemetry { get; }

    internal StageLayout Layout { get; }

    /// <summary>What each rank has allocated for itself.</summary>
    private protected ImmutableArray<MemoryTally> RankTallies { get; }

    /// <summary>What was allocated for what the ranks of each domain share.</summary>
    private protected ImmutableArray<MemoryTally> DomainTallies { get; }

    /// <summary>Rings and frames of each domain apart: transports are shared with others, and lead to nothing else that is the domain's.</summary>
    private protected ImmutableArray<MemoryTally> TransportTallies { get; }

    /// <summary>The domains of this process, ascending.</summary>
    internal ImmutableArray<MemoryDomain> Domains { get; private protected init; }

    /// <summary>The ranks of this process, ascending.</summary>
    internal IEnumerable<int> LocalRanks => Enumerable.Range(0, Plan.Ranks).Where(IsHere);

    /// <summary>What all devices of the run are like.</summary>
    private protected IBackend Backend => _devices.First;

    /// <summary>The reach of a rank: ranks of one read each other's memory, where a device is told to wait until it may; else those of a domain.</summary>
    private protected int ReachOf(int rank) => Backend.OrdersStreams ? Plan.ReachOf(rank, _devices.ReachEachOther) : Plan.DomainOf(rank);

    RankAddresses ILinkedRanks.Addresses => Addresses;

    FrameTransport ILinkedRanks.Frames => Frames;

    int ILinkedRanks.Blocks => Catalog.Count;

    long ILinkedRanks.MaxFrameElements => MaxFrameElements;

    /// <summary>For each domain its part of the model's values, after a stream for work on them while no step runs.</summary>
    public IReadOnlyList<(IStream Stream, ModelWeights Weights)> Parts() => [.. Domains.Select(domain => (domain.Stream, domain.Weights))];

    /// <summary>What a channel has moved.</summary>
    public TrafficCounters Traffic(int rank, int channel) => _traffic[(rank * Plan.Fabric.Channels) + channel];

    /// <inheritdoc/>
    public void Dispose()
    {
        _owned.Dispose();

        GC.SuppressFinalize(this);
    }

    /// <summary>What a rank of this process is made of.</summary>
    internal abstract RankResources Rank(int rank);

    /// <summary>The rings of a rank's expert group; null where none of its ranks lives in this process.</summary>
    internal FabricRings? RingsOf(RankPosition rank) => _rings[(rank.DataGroup * Plan.PipelineRanks) + rank.PipelineRank];

    /// <summary>What of a rank is asked for here, refused where the rank lives elsewhere.</summary>
    private protected T Here<T>(T? resources, int rank)
        where T : RankResources =>
        resources ?? throw new InvalidOperationException($"Rank {rank} lives in another process; this one has the nodes {string.Join(", ", Nodes)}.");

    /// <summary>Whether a rank lives in this process.</summary>
    internal bool IsHere(int rank) => _isHere[rank];

    bool ILinkedRanks.IsHere(int rank) => IsHere(rank);

    int ILinkedRanks.ExchangesOf(int rank) => Rank(rank).Exchanges.Count;

    FabricRings? ILinkedRanks.RingsOf(RankPosition rank) => RingsOf(rank);

    private protected T Own<T>(T resource)
        where T : IDisposable => _owned.Add(resource);

    /// <summary>Makes the domains of the plan.</summary>
    /// <param name="stagesOf">The stages of a pipeline rank.</param>
    /// <param name="positions">Positions of the longest sequence.</param>
    /// <param name="shared">Values of somebody else; only one domain can take them.</param>
    private protected ImmutableArray<MemoryDomain> OwnDomains(Func<int, IReadOnlyList<int>> stagesOf, int positions, ModelWeights? shared = null) =>
        [.. MemoryDomain.PartsOf(Plan, Layout, stagesOf, LocalRanks).Select(part =>
            Own(new MemoryDomain(part.Domain, SharedOf(part.Domain), Plan.Model, part.Part, Catalog, positions, shared)))];

    /// <summary>The places of those nodes of an expert group that are here, joined by rings; null for the others.</summary>
    /// <param name="dataGroup">Data group.</param>
    /// <param name="pipelineRank">Pipeline rank.</param>
    /// <param name="exchanges">Exchanges that may be under way at once.</param>
    /// <param name="decoding">Most tokens of a rank in a decoding step, and its longest wait for another; null: no step decodes.</param>
    private protected NodeFabric?[] OwnFabric(int dataGroup, int pipelineRank, int exchanges, (int Tokens, TimeSpan Limit)? decoding = null)
    {
        GroupShape shape = Plan.GroupShape(Backend.Precision);
        bool[] here = [.. Enumerable.Range(0, shape.Nodes).Select(node => Nodes.Contains(Plan.NodeOf(dataGroup, pipelineRank, node)))];
        if (!here.Contains(true))
        {
            return new NodeFabric?[shape.Nodes];
        }

        int firstHere = Plan.RankOf(dataGroup, pipelineRank, shape.RankAt(Array.IndexOf(here, true), 0));
        FabricRings rings = Own(new FabricRings(
            TransportTallies[Plan.DomainOf(firstHere)].Of(BackendOf(firstHere), MemoryKind.Rings), shape, Plan.Fabric, node => here[node], node => _share.SharedWith?.Invoke(Plan.NodeOf(dataGroup, pipelineRank, node)),
            _devices.ReachEachOther));
        _rings[(dataGroup * Plan.PipelineRanks) + pipelineRank] = rings;
        GroupWindows? windows = OwnWindows(shape, dataGroup, pipelineRank);
        // A device that computes for two ranks may keep one from running while the other waits for it.
        if (windows is not null && decoding is { } steps && Plan.Devices == Plan.Ranks)
        {
            windows.UseFlags(steps.Tokens, steps.Limit);
        }

        return [.. here.Select((isHere, node) => isHere ? new NodeFabric(rings, node, exchanges, windows) : null)];
    }

    /// <summary>Whether the host reads where the tokens of a rank go: they leave the rank, and not by operations of its stream.</summary>
    private protected bool RoutesOnHost(NodeFabric fabric) => fabric.Shape.Ranks > 1 && fabric.DeviceWindows is null;

    /// <summary>Windows of a group whose ranks share memory, of one device or of several that reach each other, where devices order their streams.</summary>
    private GroupWindows? OwnWindows(GroupShape shape, int dataGroup, int pipelineRank)
    {
        int[] ranks = [.. Enumerable.Range(0, shape.Ranks).Select(rank => Plan.RankOf(dataGroup, pipelineRank, rank))];
        if (!Backend.OrdersStreams || shape.Ranks is 1 or > IExchangeOperations.MostRanks || (Plan.SeparatesNodes && shape.Nodes > 1)
            || (!_devices.ReachEachOther && ranks.Select(rank => _deviceOf[rank]).Distinct().Count() > 1))
        {
            return null;
        }

        int maxTokens = Plan.CutOf(Plan.Sequences).MaxChunkSequences * Plan.SequenceLength;
        return Own(new GroupWindows(
            [.. ranks.Select(rank => OwnOf(rank).For(MemoryKind.Rows))], shape, maxTokens, Plan.Fabric.CapacityFactor));
    }

    /// <summary>A rank's device.</summary>
    private protected IBackend BackendOf(int rank) => _devices.Backends[_deviceOf[rank]!.Value];

    /// <summary>A rank's device for what the rank alone has.</summary>
    private protected IBackend OwnOf(int rank) => RankTallies[rank].Of(BackendOf(rank));

    /// <summary>A domain's device for what its ranks share.</summary>
    private IBackend SharedOf(int domain) => DomainTallies[domain].Of(BackendOf(Plan.FirstRankOf(domain)));

    /// <summary>A device for frames, which are counted with the first domain that has ranks on it.</summary>
    private IBackend FramesOn(IBackend device, int number) =>
        TransportTallies[Plan.DomainOf(Math.Max(0, Array.FindIndex(_deviceOf, device => device == number)))].Of(device, MemoryKind.Frames);

    private static ImmutableArray<MemoryTally> Tallies(int count) => [.. Enumerable.Range(0, count).Select(_ => new MemoryTally())];

    /// <summary>Makes a link for one user of a rank.</summary>
    private protected ITensorLink MakeLink(int rank) => _devices.MakeLink(BackendOf(rank));

    private protected MemoryDomain DomainOf(int rank) => MemoryDomain.Of(Domains, Plan.DomainOf(rank));

    /// <summary>The stream of a rank's shard: the stage's where a device orders streams, since one of the two computes at a time; the shard's to free elsewhere.</summary>
    private protected (IStream Stream, bool IsOwn) ShardStream(int rank, IStream stage) =>
        Backend.OrdersStreams ? (stage, false) : (BackendOf(rank).CreateStream($"rank {rank} experts"), true);

    /// <summary>
    /// The pool of a rank's stage: the domain's; where a stage is ahead of its device its own, since it gives back what its stream has yet to read.
    /// </summary>
    private protected TensorPool StagePool(MemoryDomain domain, int rank) => Backend.OrdersStreams ? domain.Own(new TensorPool(OwnOf(rank).For(MemoryKind.Rows))) : domain.Pool;

    /// <summary>A rank's way to other stages.</summary>
    /// <param name="rank">The rank.</param>
    /// <param name="given">The pool of what its stage hands over.</param>
    /// <param name="stream">The stage's.</param>
    /// <param name="mostRows">Rows of its largest chunk.</param>
    private protected FramePort OwnFrames(int rank, TensorPool given, IStream stream, int mostRows) => Own(new FramePort(
        rank, Frames, DomainOf(rank).Pool, MakeLink(rank), given, Backend.OrdersStreams ? new RowLender(rank, Frames, OwnOf(rank).For(MemoryKind.Rows), stream, mostRows) : null));

    /// <summary>The device of a node of a share: neighbours on one, as evenly as the number of nodes allows.</summary>
    private int DeviceOf(HostShare share, int node) =>
        share.Nodes.IndexOf(node) * Math.Min(_devices.Backends.Length, share.Nodes.Length) / share.Nodes.Length;

    /// <summary>Inside a node of an expert group ranks write into each other's windows, so that devices which do not reach each other cannot share one.</summary>
    private void RequireReach()
    {
        ExpertPlacement placement = Plan.ExpertPlacement();
        for (int rank = 1; rank < Plan.Ranks && !_devices.ReachEachOther; rank++)
        {
            int expertRank = Plan.PositionOf(rank).ExpertRank;
            if (_isHere[rank] && expertRank > 0 && placement.NodeOf(expertRank) == placement.NodeOf(expertRank - 1) && _deviceOf[rank] != _deviceOf[rank - 1])
            {
                throw new ArgumentException(
                    $"Ranks {rank - 1} and {rank} exchange rows inside a node, and their devices do not reach each other's memory: make a node of the ranks of one device "
                    + "(actors.parallel.ranks-per-node, with share-memory = off), or use devices that are linked.");
            }
        }
    }

    /// <summary>The counters of a rank's channels.</summary>
    private protected ImmutableArray<TrafficCounters> TrafficOf(int rank) =>
        ImmutableArray.Create(_traffic, rank * Plan.Fabric.Channels, Plan.Fabric.Channels);
}
