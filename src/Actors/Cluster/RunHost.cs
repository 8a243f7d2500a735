using System.Collections.Immutable;
using Actors.Model.Parameters;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Channels;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Cluster;

/// <summary>
/// The part of a run that lives in this process: its memory domains, the ranks in them, and the transports between them. Each node's
/// actors are given their own ranks alone; who holds this loads, saves and reads results while no step runs.
/// </summary>
public abstract class RunHost : IDisposable
{
    private readonly OwnedResources _owned = new();
    private readonly TrafficCounters[] _traffic;
    private readonly FrameTransport _transport;

    /// <summary>Allocates what every kind of run needs.</summary>
    /// <param name="plan">Shape of the run; it is checked.</param>
    /// <param name="backend">The device.</param>
    /// <param name="makeLink">Makes a link for one user.</param>
    /// <param name="telemetry">Where the run logs and counts; null: nowhere.</param>
    private protected RunHost(RunPlan plan, IBackend backend, Func<ITensorLink> makeLink, Telemetry? telemetry = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(backend);
        Plan = plan.Validated();
        Backend = backend;
        MakeLink = makeLink;
        Telemetry = telemetry ?? Telemetry.None;
        Layout = new StageLayout(plan.Model, plan.Stages);
        Catalog = new BlockCatalog(plan.Model, plan.ExpertPlacement());
        _transport = Own(new FrameTransport(backend, plan));
        _traffic = new TrafficCounters[plan.Ranks * plan.Fabric.Channels];
        for (int i = 0; i < _traffic.Length; i++)
        {
            _traffic[i] = new TrafficCounters();
        }

        Telemetry.Meters?.Fabric.Observe(_traffic);
    }

    /// <summary>Shape of the run.</summary>
    public RunPlan Plan { get; }

    /// <summary>Numbers of the model's blocks.</summary>
    internal BlockCatalog Catalog { get; }

    /// <summary>Where the run logs and counts.</summary>
    internal Telemetry Telemetry { get; }

    internal StageLayout Layout { get; }

    internal ImmutableArray<MemoryDomain> Domains { get; private protected init; }

    private protected IBackend Backend { get; }

    private protected Func<ITensorLink> MakeLink { get; }

    /// <summary>For each domain its part of the model's values, after a stream for work on them while no step runs.</summary>
    public IReadOnlyList<(IStream Stream, ModelWeights Weights)> Parts() => [.. Domains.Select(domain => (domain.Stream, domain.Weights))];

    /// <summary>What a channel has moved.</summary>
    public TrafficCounters Traffic(int rank, int channel) => _traffic[(rank * Plan.Fabric.Channels) + channel];

    /// <summary>Pipeline rows, gradients and values that went from one memory domain to another.</summary>
    public (long Frames, long Rows, long Bytes) FrameTraffic()
    {
        (long frames, long rows, long bytes) = (0, 0, 0);
        for (int rank = 0; rank < Plan.Ranks; rank++)
        {
            FramePort port = Rank(rank).Frames;
            (frames, rows, bytes) = (frames + port.FramesSent, rows + port.RowsSent, bytes + port.BytesSent);
        }

        return (frames, rows, bytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _owned.Dispose();

        GC.SuppressFinalize(this);
    }

    internal abstract RankResources Rank(int rank);

    private protected T Own<T>(T resource)
        where T : IDisposable => _owned.Add(resource);

    /// <summary>Makes the domains of the plan.</summary>
    /// <param name="stagesOf">The stages of a pipeline rank.</param>
    /// <param name="positions">Positions of the longest sequence.</param>
    /// <param name="shared">Values of somebody else; only one domain can take them.</param>
    private protected ImmutableArray<MemoryDomain> OwnDomains(Func<int, IReadOnlyList<int>> stagesOf, int positions, ModelWeights? shared = null) =>
        [.. MemoryDomain.PartsOf(Plan, Layout, stagesOf).Select((part, number) =>
            Own(new MemoryDomain(number, Backend, Plan.Model, part, Catalog, positions, shared)))];

    /// <summary>The places of an expert group's nodes, joined by rings.</summary>
    private protected NodeFabric[] OwnFabric(int exchanges)
    {
        FabricRings rings = Own(new FabricRings(Backend, Plan.GroupShape(), Plan.Fabric));
        return [.. Enumerable.Range(0, rings.Shape.Nodes).Select(node => new NodeFabric(rings, node, exchanges))];
    }

    private protected MemoryDomain DomainOf(int rank) => Domains[Plan.DomainOf(rank)];

    /// <summary>A rank's way to other stages.</summary>
    private protected FramePort OwnFrames(int rank) => Own(new FramePort(rank, _transport, DomainOf(rank).Pool, MakeLink()));

    /// <summary>The counters of a rank's channels.</summary>
    private protected ImmutableArray<TrafficCounters> TrafficOf(int rank) =>
        ImmutableArray.Create(_traffic, rank * Plan.Fabric.Channels, Plan.Fabric.Channels);
}
