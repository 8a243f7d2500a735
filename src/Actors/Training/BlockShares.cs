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
    private readonly Func<int, int> _reachOf;
    private readonly StageModel[]?[] _stages;
    private readonly List<OwnedBlock>[] _owned;
    private readonly List<ReductionPart>[] _parts;
    private readonly List<ValueRoute>[] _routes;
    private readonly Dictionary<int, ParameterBlock>[] _awaited;
    private readonly List<ValueRead>[] _reads;
    private readonly SortedSet<int>[] _readers;

    /// <summary>Shares the blocks out.</summary>
    /// <param name="plan">Shape of the run.</param>
    /// <param name="owners">Who holds and owns each block, in model order.</param>
    /// <param name="domains">Where the values lie: the domains of this process.</param>
    /// <param name="stages">The stages of each rank; null for one of another process.</param>
    /// <param name="reachOf">The reach of a rank: ranks of one read each other's gradients and values where they lie. At least its domain.</param>
    public BlockShares(RunPlan plan, IReadOnlyList<BlockOwner> owners, IReadOnlyList<MemoryDomain> domains, StageModel[]?[] stages, Func<int, int> reachOf)
    {
        (_plan, _domains, _stages, _reachOf) = (plan, domains, stages, reachOf);
        _owned = [.. stages.Select(_ => new List<OwnedBlock>())];
        _parts = [.. stages.Select(_ => new List<ReductionPart>())];
        _routes = [.. stages.Select(_ => new List<ValueRoute>())];
        _awaited = [.. stages.Select(_ => new Dictionary<int, ParameterBlock>())];
        _reads = [.. stages.Select(_ => new List<ValueRead>())];
        _readers = [.. stages.Select(_ => new SortedSet<int>())];
        foreach (BlockOwner owner in owners)
        {
            if (IsHere(owner.Owner))
            {
                _owned[owner.Owner].Add(new OwnedBlock(owner.Number, BlockAt(owner.Owner, owner.Number), GradientsOf(owner.Owner)));
            }

            ShareSum(owner);
            ShareValues(owner);
        }
    }

    public IReadOnlyList<OwnedBlock> OwnedBy(int rank) => _owned[rank];

    public IReadOnlyList<ReductionPart> PartsOf(int rank) => _parts[rank];

    public IReadOnlyList<ValueRoute> RoutesOf(int rank) => _routes[rank];

    public IReadOnlyDictionary<int, ParameterBlock> AwaitedBy(int rank) => _awaited[rank];

    /// <summary>The values that a rank reads where their owner has them.</summary>
    public IReadOnlyList<ValueRead> ReadsOf(int rank) => _reads[rank];

    /// <summary>The ranks that read values of a rank.</summary>
    public IReadOnlyList<int> ReadersOf(int rank) => [.. _readers[rank]];

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
    /// One rank acts for holders that it sums where they lie, those of a domain or all that its device reaches: the owner for its own, elsewhere one of the
    /// holders, in turn by the block's number, so that all have a share of the work.
    /// </summary>
    private void ShareSum(BlockOwner owner)
    {
        (int Actor, ImmutableArray<int> Holders)[] groups = GroupsOf(owner, _reachOf);
        for (int i = 0; i < groups.Length; i++)
        {
            (int actor, ImmutableArray<int> holders) = groups[i];
            bool isLast = i == groups.Length - 1;
            int next = isLast ? owner.Owner : groups[i + 1].Actor;
            if (IsHere(actor))
            {
                _parts[actor].Add(new ReductionPart(
                    owner.Number, [.. holders.Select(rank => new HeldGradient(GradientsOf(rank), BlockAt(rank, owner.Number)))],
                    AwaitsSum: i > 0, next == actor ? null : next, isLast));
            }
        }
    }

    /// <summary>One rank of each other domain than the owner's takes the values for it, or reads them.</summary>
    private void ShareValues(BlockOwner owner)
    {
        foreach ((int actor, _) in GroupsOf(owner, _plan.DomainOf))
        {
            if (_plan.DomainOf(actor) == _plan.DomainOf(owner.Owner))
            {
                continue;
            }

            if (_reachOf(actor) == _reachOf(owner.Owner))
            {
                if (IsHere(actor))
                {
                    _reads[actor].Add(new ValueRead(owner.Owner, BlockAt(owner.Owner, owner.Number), BlockAt(actor, owner.Number)));
                    _readers[owner.Owner].Add(actor);
                }

                continue;
            }

            if (IsHere(actor))
            {
                _awaited[actor].Add(owner.Number, BlockAt(actor, owner.Number));
            }

            if (IsHere(owner.Owner))
            {
                _routes[owner.Owner].Add(new ValueRoute(owner.Number, BlockAt(owner.Owner, owner.Number), actor));
            }
        }
    }

    /// <summary>A block's holders in groups of consecutive ranks, and who acts for each.</summary>
    private static (int Actor, ImmutableArray<int> Holders)[] GroupsOf(BlockOwner owner, Func<int, int> groupOf) => [.. owner.Holders
        .GroupBy(groupOf)
        .OrderBy(group => group.Key)
        .Select(group => (ActorOf(owner, groupOf(owner.Owner) == group.Key, [.. group]), group.ToImmutableArray()))];

    private static int ActorOf(BlockOwner owner, bool isOwners, ImmutableArray<int> holders) =>
        isOwners ? owner.Owner : holders[owner.Number % holders.Length];

    private bool IsHere(int rank) => _stages[rank] is not null;

    private ParameterBlock BlockAt(int rank, int number) => MemoryDomain.Of(_domains, _plan.DomainOf(rank)).Block(number)!;

    private GradientSet GradientsOf(int rank) => _stages[rank]![0].Gradients!;

    private IEnumerable<int> LayersOf(int rank) => _stages[rank]!.SelectMany(stage => stage.Layers.Select((TransformerLayer layer) => layer.Weights.Layer));
}
