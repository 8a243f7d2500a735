using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Runtime.Cluster;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Schedules;
using Actors.Tensors;

namespace Actors.Runtime.Training.Memory;

/// <summary>
/// What a training run takes on each rank, by kind, before anything is allocated. What has planned sizes is measured by making it on a device without memory; how many
/// chunks of it there are follows from the timetable. docs/memory.md says where each kind comes from, and what is exact.
/// </summary>
public sealed class TrainingMemory
{
    private readonly RunPlan _plan;
    private readonly IBackend _backend;
    private readonly StageMemory[] _stages = [];
    private readonly MemoryEstimate[] _ranks;
    private readonly MemoryEstimate[] _domains;
    private readonly IReadOnlyList<BlockOwner> _owners = [];
    private readonly Dictionary<(RoutingLoad, StagePart, int, bool), MemoryEstimate> _cache = [];

    /// <summary>Measures what does not depend on the routing.</summary>
    /// <param name="plan">Its shape; it is checked.</param>
    /// <param name="backend">What all its devices are like; nothing is allocated on it.</param>
    /// <param name="evaluates">Whether the run measures the held-out loss.</param>
    public TrainingMemory(RunPlan plan, IBackend backend, bool evaluates = true)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(backend);
        (_plan, _backend) = (plan, backend);
        (_ranks, _domains) = (new MemoryEstimate[plan.Ranks], new MemoryEstimate[plan.Domains]);
        double values = MemoryPlan.OfValues(plan.Model);
        if (values > MemoryPlan.Countable)
        {
            // It fits nowhere, whatever else there is.
            Array.Fill(_domains, MemoryEstimate.For(MemoryKind.Values, values) + MemoryEstimate.For(MemoryKind.Moments, values + MemoryPlan.OfState(plan, values)));
            return;
        }

        Timetable[] timetables = [.. plan.MicroBatchCounts().Select(plan.CreateTimetable)];
        Schedules.Placement placement = timetables[^1].Placement;
        var layout = new StageLayout(plan.Model, plan.Stages);
        _stages = [.. Enumerable.Range(0, plan.PipelineRanks).Select(rank => new StageMemory(plan, backend, layout, timetables, rank, evaluates))];
        _owners = BlockOwner.Assign(plan, layout, placement);
        AddValues(layout, placement);
        AddBlocks(layout, placement);
    }

    /// <summary>What each takes at a load.</summary>
    public MemoryTable Of(RoutingLoad load)
    {
        MemoryEstimate[] ranks = [.. _ranks], domains = [.. _domains];
        if (_stages.Length == 0)
        {
            return new MemoryTable(_plan, [.. ranks], [.. domains]);
        }

        for (int rank = 0; rank < ranks.Length; rank++)
        {
            ranks[rank] += Cached(load, StagePart.Own, rank);
            domains[_plan.DomainOf(rank)] += Cached(load, StagePart.Shared, rank);
        }

        for (int domain = 0; domain < domains.Length && _backend.RunsAtOnce; domain++)
        {
            domains[domain] += Temporaries(load, [.. Enumerable.Range(0, _plan.Ranks).Where(rank => _plan.DomainOf(rank) == domain)]);
        }

        AddFrames(load, domains);
        return new MemoryTable(_plan, [.. ranks], [.. domains]);
    }

    /// <summary>
    /// Temporaries that ranks share which compute at once: of those that compute, and of those that have put a layer's weight gradients off, in the runs measured not more
    /// than half of the ranks.
    /// </summary>
    private MemoryEstimate Temporaries(RoutingLoad load, int[] ranks)
    {
        double share = load == RoutingLoad.Most ? 1 : Math.Min(1, (Math.Min(ranks.Length, Environment.ProcessorCount) + (ranks.Length / 2.0)) / ranks.Length);
        return share * ranks.Select(rank => Cached(load, StagePart.Temporaries, rank)).Aggregate(static (left, right) => left + right);
    }

    /// <summary>Ranks of one place in the pipeline take the same but the first of an expert group, which has what its windows share.</summary>
    private MemoryEstimate Cached(RoutingLoad load, StagePart part, int rank)
    {
        RankPosition position = _plan.PositionOf(rank);
        var key = (load, part, position.PipelineRank, position.ExpertRank == 0);
        if (!_cache.TryGetValue(key, out MemoryEstimate one))
        {
            StageMemory stage = _stages[position.PipelineRank];
            one = part switch
            {
                StagePart.Own => stage.Own(load, position),
                StagePart.Shared => stage.Shared(load),
                _ => stage.Temporaries(load),
            };
            _cache.Add(key, one);
        }

        return one;
    }

    private void AddValues(StageLayout layout, Schedules.Placement placement)
    {
        foreach ((int domain, ModelPart part) in MemoryDomain.PartsOf(_plan, layout, pipelineRank => placement.StagesOf(pipelineRank), Enumerable.Range(0, _plan.Ranks)))
        {
            using var held = new ShapeBackend(_backend, trains: true);
            using var weights = new ModelWeights(held, _plan.Model, part);
            _domains[domain] += MemoryEstimate.For(MemoryKind.Values, held.Bytes + RopeTables.BytesOf(_plan.Model, _plan.SequenceLength));
        }
    }

    private void AddBlocks(StageLayout layout, Schedules.Placement placement)
    {
        using var shapes = new ShapeBackend();
        using var whole = new ModelWeights(shapes, _plan.Model, ModelPart.Whole(_plan.Model, _plan.ExpertPlacement()));
        foreach (BlockOwner owner in _owners)
        {
            ParameterBlock block = whole.Blocks[owner.Number];
            double average = _plan.Average is null ? 0 : 2 * Arena.Plan(block.Values.Rows, block.Values.Columns);
            _ranks[owner.Owner] += MemoryEstimate.For(MemoryKind.Moments, (2 * GradientSet.BytesOf(block, _plan.Moments)) + sizeof(double))
                + MemoryEstimate.For(MemoryKind.Averages, average, _backend.OrdersStreams);
        }

        AddBiases(layout, placement);
        var gradients = new Dictionary<(int, int), double>();
        for (int rank = 0; rank < _plan.Ranks; rank++)
        {
            RankPosition at = _plan.PositionOf(rank);
            if (!gradients.TryGetValue((at.PipelineRank, at.ExpertRank), out double bytes))
            {
                bytes = StageModel.BlocksOf(whole, layout, placement.StagesOf(at.PipelineRank), _plan.ExpertPlacement().ExpertsOf(at.ExpertRank))
                    .Where(block => block.IsTrained).Sum(block => GradientSet.BytesOf(block, ElementType.Float32));
                gradients.Add((at.PipelineRank, at.ExpertRank), bytes);
            }

            _ranks[rank] += MemoryEstimate.For(MemoryKind.Gradients, bytes);
        }
    }

    /// <summary>The first rank of a domain that holds a layer with experts updates the layer's correction bias.</summary>
    private void AddBiases(StageLayout layout, Schedules.Placement placement)
    {
        foreach (IGrouping<int, int> domain in Enumerable.Range(0, _plan.Ranks).GroupBy(_plan.DomainOf))
        {
            var seen = new HashSet<int>();
            foreach (int rank in domain)
            {
                IEnumerable<int> stages = placement.StagesOf(_plan.PositionOf(rank).PipelineRank).Where(seen.Add);
                if (stages.Count(stage => Enumerable.Range(0, layout.LayerCount(stage)).Any(layer => layout.HasExperts(stage, layer))) > 0)
                {
                    _ranks[rank] += MemoryEstimate.For(MemoryKind.Moments, Arena.Plan(1, _plan.Model.RoutedExperts));
                }
            }
        }
    }

    private void AddFrames(RoutingLoad load, MemoryEstimate[] domains)
    {
        using var shapes = new ShapeBackend();
        using var whole = new ModelWeights(shapes, _plan.Model, ModelPart.Whole(_plan.Model, _plan.ExpertPlacement()));
        var exchange = new ExchangeMemory(_plan, _backend);
        double frames = exchange.Frames(load, whole, _owners, _stages[0].HandOver);
        for (int device = 0; device < _plan.Devices; device++)
        {
            // A device's frames are of the first domain that has ranks on it.
            domains[_plan.DomainOf(device * _plan.Ranks / _plan.Devices)] += MemoryEstimate.For(MemoryKind.Frames, frames / _plan.Devices);
        }

        MemoryEstimate rings = exchange.Rings();
        for (int group = 0; group < _plan.DataGroups * _plan.PipelineRanks; group++)
        {
            domains[_plan.DomainOf(group * _plan.ExpertRanks)] += rings;
        }
    }

    private enum StagePart
    {
        Own,
        Shared,
        Temporaries,
    }
}
