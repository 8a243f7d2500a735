using System.Collections.Immutable;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Runtime.Cluster;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;

namespace Actors.Runtime.Training;

/// <summary>What each rank of this process does for the blocks of the model between steps: which it owns, adds to, sends and takes for its domain.</summary>
internal sealed class BlockShares
{
    private readonly RunPlan _plan;
    private readonly IReadOnlyList<MemoryDomain> _domains;
    private readonly StageModel[]?[] _stages;
    private readonly List<OwnedBlock>[] _owned;
    private readonly List<ReductionPart>[] _parts;
    private readonly List<ValueRoute>[] _routes;
    private readonly Dictionary<int, ParameterBlock>[] _awaited;

    /// <summary>Shares the blocks out.</summary>
    /// <param name="plan">Shape of the run.</param>
    /// <param name="owners">Who holds and owns each block, in model order.</param>
    /// <param name="domains">Where the values lie: the domains of this process.</param>
    /// <param name="stages">The stages of each rank; null for one of another process.</param>
    public BlockShares(RunPlan plan, IReadOnlyList<BlockOwner> owners, IReadOnlyList<MemoryDomain> domains, StageModel[]?[] stages)
    {
        (_plan, _domains, _stages) = (plan, domains, stages);
        _owned = [.. stages.Select(_ => new List<OwnedBlock>())];
        _parts = [.. stages.Select(_ => new List<ReductionPart>())];
        _routes = [.. stages.Select(_ => new List<ValueRoute>())];
        _awaited = [.. stages.Select(_ => new Dictionary<int, ParameterBlock>())];
        foreach (BlockOwner owner in owners)
        {
            if (IsHere(owner.Owner))
            {
                _owned[owner.Owner].Add(new OwnedBlock(owner.Number, BlockAt(owner.Owner, owner.Number), GradientsOf(owner.Owner, owner.OwnStage)));
            }

            Share(owner);
        }
    }

    public IReadOnlyList<OwnedBlock> OwnedBy(int rank) => _owned[rank];

    public IReadOnlyList<ReductionPart> PartsOf(int rank) => _parts[rank];

    public IReadOnlyList<ValueRoute> RoutesOf(int rank) => _routes[rank];

    public IReadOnlyDictionary<int, ParameterBlock> AwaitedBy(int rank) => _awaited[rank];

    /// <summary>The correction biases that a rank updates: those of its layers, where it is the first of its domain to have them.</summary>
    public IReadOnlyList<(int Layer, ParameterBlock Bias)> BiasesOf(int rank)
    {
        int domain = _plan.DomainOf(rank);
        HashSet<int> before = [.. Enumerable.Range(0, rank).Where(other => _plan.DomainOf(other) == domain).SelectMany(LayersOf)];
        return [.. LayersOf(rank).Distinct().Where(layer => !before.Contains(layer)).Order()
            .Select(layer => MemoryDomain.Of(_domains, domain).Weights.LayerOf(layer))
            .Where(layer => layer.CorrectionBias is not null).Select(layer => (layer.Layer, layer.CorrectionBias!))];
    }

    /// <summary>
    /// One rank of each domain acts for it: the owner in its own, elsewhere one of the holders, in turn by the block's number, so that all
    /// have a share of the work.
    /// </summary>
    private void Share(BlockOwner owner)
    {
        (int Actor, ImmutableArray<BlockHolder> Holders)[] domains = [.. owner.Holders
            .GroupBy(holder => _plan.DomainOf(holder.Rank))
            .OrderBy(group => group.Key)
            .Select(group => (ActorOf(owner, group.Key, [.. group]), group.ToImmutableArray()))];
        for (int i = 0; i < domains.Length; i++)
        {
            (int actor, ImmutableArray<BlockHolder> holders) = domains[i];
            bool isLast = i == domains.Length - 1;
            int next = isLast ? owner.Owner : domains[i + 1].Actor;
            bool isOwners = _plan.DomainOf(actor) == _plan.DomainOf(owner.Owner);
            if (IsHere(actor))
            {
                _parts[actor].Add(new ReductionPart(
                    owner.Number, BlockAt(actor, owner.Number), [.. holders.Select(holder => GradientsOf(holder.Rank, holder.Stage))],
                    AwaitsSum: i > 0, next == actor ? null : next, isLast));
                if (!isOwners)
                {
                    _awaited[actor].Add(owner.Number, BlockAt(actor, owner.Number));
                }
            }

            if (!isOwners && IsHere(owner.Owner))
            {
                _routes[owner.Owner].Add(new ValueRoute(owner.Number, BlockAt(owner.Owner, owner.Number), actor));
            }
        }
    }

    private int ActorOf(BlockOwner owner, int domain, ImmutableArray<BlockHolder> holders) =>
        domain == _plan.DomainOf(owner.Owner) ? owner.Owner : holders[owner.Number % holders.Length].Rank;

    private bool IsHere(int rank) => _stages[rank] is not null;

    private ParameterBlock BlockAt(int rank, int number) => MemoryDomain.Of(_domains, _plan.DomainOf(rank)).Block(number)!;

    private GradientSet GradientsOf(int rank, int stage) => _stages[rank]!.First(model => model.Stage == stage).Gradients!;

    private IEnumerable<int> LayersOf(int rank) => _stages[rank]!.SelectMany(stage => stage.Layers.Select((TransformerLayer layer) => layer.Weights.Layer));
}
