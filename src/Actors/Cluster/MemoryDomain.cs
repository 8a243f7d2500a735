using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Cluster;

/// <summary>
/// What some ranks read and write directly: one copy of every block that any of them holds, under the block's number in the model, and the
/// memory that they lend each other. Nothing crosses to another domain but through a transport.
/// </summary>
internal sealed class MemoryDomain : IDisposable
{
    private readonly OwnedResources _owned = new();
    private readonly Dictionary<int, ParameterBlock> _blocks;
    private readonly Dictionary<int, LayerTemporaries> _temporaries = [];

    /// <summary>Allocates the values.</summary>
    /// <param name="number">Number of the domain.</param>
    /// <param name="backend">The device.</param>
    /// <param name="config">The model.</param>
    /// <param name="part">What of the model its ranks hold.</param>
    /// <param name="catalog">Numbers of the blocks.</param>
    /// <param name="positions">Positions of the longest sequence.</param>
    /// <param name="shared">Values of somebody else, who outlives this; null to allocate them.</param>
    public MemoryDomain(
        int number, IBackend backend, ModelConfig config, ModelPart part, BlockCatalog catalog, int positions, ModelWeights? shared = null)
    {
        Number = number;
        Backend = backend;
        Stream = Own(backend.CreateStream($"domain {number}"));
        Weights = shared ?? Own(new ModelWeights(backend.For(MemoryKind.Values), config, part));
        Pool = Own(new TensorPool(backend.For(MemoryKind.Rows)));
        Rope = Own(new RopeTables(backend.For(MemoryKind.Values), Stream, config, positions));
        _blocks = Weights.Blocks.Where(catalog.Contains).ToDictionary(catalog.NumberOf);
    }

    /// <summary>Number of the domain.</summary>
    public int Number { get; }

    public IBackend Backend { get; }

    /// <summary>For work while no step runs: initializing, loading, saving.</summary>
    public IStream Stream { get; }

    /// <summary>The values.</summary>
    public ModelWeights Weights { get; }

    /// <summary>A pool of tensors whose sizes are known only while running.</summary>
    public TensorPool Pool { get; }

    public RopeTables Rope { get; }

    /// <summary>The block of a number; null where no rank of the domain holds it.</summary>
    public ParameterBlock? Block(int number) => _blocks.GetValueOrDefault(number);

    /// <summary>Temporary memory of a rank: the same for all ranks of the domain where the backend allows it.</summary>
    /// <param name="rank">The rank.</param>
    /// <param name="own">The rank's device, where the memory is its own.</param>
    /// <param name="maxTokens">Rows of the largest chunk, the same at every call.</param>
    public LayerTemporaries Temporaries(int rank, IBackend own, int maxTokens)
    {
        int key = Backend.RunsAtOnce ? 0 : rank;
        if (!_temporaries.TryGetValue(key, out LayerTemporaries? temporaries))
        {
            temporaries = Own(new LayerTemporaries((Backend.RunsAtOnce ? Backend : own).For(MemoryKind.Temporaries), Weights.Config, maxTokens));
            _temporaries.Add(key, temporaries);
        }

        return temporaries;
    }

    /// <summary>Leaves a resource to the domain, which frees it in turn: the last first.</summary>
    public T Own<T>(T resource)
        where T : IDisposable => _owned.Add(resource);

    public void Dispose() => _owned.Dispose();

    /// <summary>The domain of a number among those of this process.</summary>
    public static MemoryDomain Of(IEnumerable<MemoryDomain> domains, int number) => domains.First(domain => domain.Number == number);

    /// <summary>What of the model each domain holds: all that its ranks do.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="layout">Layers of the stages.</param>
    /// <param name="stagesOf">The stages of a pipeline rank.</param>
    /// <param name="among">The ranks whose domains are asked for.</param>
    public static IReadOnlyList<(int Domain, ModelPart Part)> PartsOf(
        RunPlan plan, StageLayout layout, Func<int, IReadOnlyList<int>> stagesOf, IEnumerable<int> among)
    {
        ExpertPlacement placement = plan.ExpertPlacement();
        return [.. among.GroupBy(plan.DomainOf).OrderBy(domain => domain.Key).Select(domain =>
        {
            RankPosition[] ranks = [.. domain.Select(plan.PositionOf)];
            int[] stages = [.. ranks.SelectMany(rank => stagesOf(rank.PipelineRank)).Distinct().Order()];
            return (domain.Key, new ModelPart(
                [.. stages.SelectMany(stage => Enumerable.Range(layout.FirstLayer(stage), layout.LayerCount(stage))).Order()],
                stages.Any(layout.HasEmbedding),
                stages.Any(layout.IsLast),
                [.. ranks.Select(rank => rank.ExpertRank).Distinct().Order().Select(placement.ExpertsOf)]));
        })];
    }
}
