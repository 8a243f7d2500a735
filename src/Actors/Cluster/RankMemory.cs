using Actors.Model.Layers;
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
/// The data plane of a run in one process: the model's values, which all ranks of the process read, and each rank's own
/// resources. Actors get it when they are made; messages name what lies in it.
/// </summary>
public abstract class RankMemory : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly TrafficCounters[] _traffic;

    /// <summary>Allocates what every kind of run needs.</summary>
    /// <param name="plan">Shape of the run; it is checked.</param>
    /// <param name="backend">The device.</param>
    /// <param name="makeLink">Makes a link for one user.</param>
    /// <param name="weights">Values to share, whose owner outlives this; null to allocate them.</param>
    /// <param name="telemetry">Where the run logs and counts; null: nowhere.</param>
    private protected RankMemory(
        RunPlan plan, IBackend backend, Func<ITensorLink> makeLink, ModelWeights? weights = null, Telemetry? telemetry = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(backend);
        Plan = plan.Validated();
        Backend = backend;
        MakeLink = makeLink;
        Telemetry = telemetry ?? Telemetry.None;
        Layout = new StageLayout(plan.Model, plan.Stages);
        Stream = Own(backend.CreateStream("coordinator"));
        Weights = weights ?? Own(new ModelWeights(backend, plan.Model, ModelPart.Whole(plan.Model, plan.ExpertPlacement())));
        Pool = Own(new TensorPool(backend));
        _traffic = new TrafficCounters[plan.Ranks * plan.Fabric.Channels];
        for (int i = 0; i < _traffic.Length; i++)
        {
            _traffic[i] = new TrafficCounters();
        }

        Telemetry.Meters?.Fabric.Observe(_traffic);
    }

    /// <summary>Shape of the run.</summary>
    public RunPlan Plan { get; }

    /// <summary>Every value of the model.</summary>
    public ModelWeights Weights { get; }

    /// <summary>For work while no step runs: initializing, loading, saving.</summary>
    public IStream Stream { get; }

    /// <summary>Lends tensors of changing size.</summary>
    public TensorPool Pool { get; }

    /// <summary>Where the run logs and counts.</summary>
    internal Telemetry Telemetry { get; }

    internal IBackend Backend { get; }

    internal Func<ITensorLink> MakeLink { get; }

    internal StageLayout Layout { get; }

    /// <summary>What a channel has moved.</summary>
    public TrafficCounters Traffic(int rank, int channel) => _traffic[(rank * Plan.Fabric.Channels) + channel];

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }

        GC.SuppressFinalize(this);
    }

    internal abstract RankResources Rank(int rank);

    private protected (int PipelineRank, int ExpertRank) PositionOf(int rank) =>
        (rank / Plan.ExpertRanks % Plan.PipelineRanks, rank % Plan.ExpertRanks);

    private protected T Own<T>(T resource)
        where T : IDisposable
    {
        _owned.Add(resource);
        return resource;
    }

    /// <summary>The places of an expert group's nodes, joined by rings.</summary>
    private protected NodeFabric[] OwnFabric(int exchanges)
    {
        FabricRings rings = Own(new FabricRings(Backend, Plan.GroupShape(), Plan.Fabric));
        return [.. Enumerable.Range(0, rings.Shape.Nodes).Select(node => new NodeFabric(rings, node, exchanges))];
    }

    /// <summary>Temporary memory by rank: the same for all ranks where the backend allows it.</summary>
    /// <param name="maxTokens">Rows of the largest chunk.</param>
    private protected LayerTemporaries[] OwnTemporaries(int maxTokens)
    {
        var temporaries = new LayerTemporaries[Plan.Ranks];
        for (int rank = 0; rank < temporaries.Length; rank++)
        {
            temporaries[rank] = rank > 0 && Backend.RunsAtOnce ? temporaries[0] : Own(new LayerTemporaries(Backend, Plan.Model, maxTokens));
        }

        return temporaries;
    }
}
