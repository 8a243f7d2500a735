using Actors.Model.Parameters;
using Actors.Runtime.Fabric.Devices;
using Actors.Runtime.Fabric.Layout;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Placement;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Runtime.Training.Memory;

/// <summary>Memory of the exchange between the ranks of a group, and of what goes from stage to stage.</summary>
/// <param name="plan">Its shape; it is checked.</param>
/// <param name="backend">The device; nothing is allocated on it.</param>
internal sealed class ExchangeMemory(RunPlan plan, IBackend backend)
{
    private readonly GroupShape _shape = plan.GroupShape(backend.Precision);

    /// <summary>Rows of the windows that ranks have on their devices, and of their experts; null where the host lays rows out, or nothing is exchanged.</summary>
    /// <param name="tokens">Of the largest chunk.</param>
    public RowCounts? Windows(int tokens)
    {
        if (!backend.OrdersStreams || plan.ExpertRanks is 1 or > IExchangeOperations.MostRanks || (plan.SeparatesNodes && plan.GroupNodes > 1))
        {
            return null;
        }

        using var windows = new GroupWindows([], _shape, tokens, plan.Fabric.CapacityFactor);
        return new RowCounts(windows.Rows, windows.SortedRows);
    }

    /// <summary>Rows of an exchange of so many tokens of all ranks of a group at one of them, by load and at most.</summary>
    public (RowCounts Rows, RowCounts Most) Rows(RoutingLoad load, double tokens)
    {
        double choices = plan.Model.ExpertsPerToken, even = tokens * choices / plan.ExpertRanks;
        var most = new RowCounts(tokens, tokens * Math.Min(choices, _shape.ExpertsPerRank));
        return (new RowCounts(
            GrowingMemory.Rows(load, Math.Min(tokens, even), most.Received, plan.ExpertRanks), GrowingMemory.Rows(load, even, most.Sorted, plan.ExpertRanks)), most);
    }

    /// <summary>
    /// Windows of a rank where the host lays rows out. A token arrives once at a rank, however many of its experts the rank has. A window of the exchange before may
    /// still be read when the next one opens.
    /// </summary>
    /// <param name="load">Of what routing.</param>
    /// <param name="tokens">Tokens of the exchange.</param>
    /// <param name="hasPairs">Whether a forward and a backward overlap.</param>
    public double HostWindows(RoutingLoad load, double tokens, bool hasPairs)
    {
        if (plan.ExpertRanks == 1)
        {
            return 0;
        }

        (RowCounts rows, RowCounts most) = Rows(load, tokens);
        double sent = _shape.MostSentBytes, choices = sizeof(float) * _shape.Choices;
        double window = GrowingMemory.Of(load, rows.Received, most.Received, sent, _shape.RowBytes, choices, choices);
        return (hasPairs ? 2 : 1) * window * load switch
        {
            RoutingLoad.Balanced => 1,
            RoutingLoad.Expected => hasPairs ? 1 : 1.5,
            _ => 2,
        };
    }

    /// <summary>Windows of a rank on its device: one for each exchange that is under way at once.</summary>
    /// <param name="rows">Rows of a window.</param>
    /// <param name="isFirst">Whether the rank is the first of its group, which has the counts of all.</param>
    /// <param name="hasPairs">Whether a forward and a backward overlap.</param>
    public double DeviceWindows(RowCounts rows, bool isFirst, bool hasPairs) => (hasPairs ? 2 : 1)
        * (double)(ExchangeWindows.BytesOf(_shape, (int)rows.Received) + (isFirst ? Arena.Plan(_shape.Ranks, _shape.Ranks, ElementType.Int32) : 0));

    /// <summary>Where the tokens of a chunk went, for each exchange whose backward is to come.</summary>
    public double Places(int tokens) => Arena.Plan(tokens, plan.ExpertRanks, ElementType.Int32) + Arena.Plan(1, 1, ElementType.Int32);

    /// <summary>What a rank's exchange counts on its device, and as much for the host.</summary>
    public static double Counts => Arena.Plan(1, 6, ElementType.Int32);

    /// <summary>Codes of a chunk that a rank sends, where rows travel as codes, while an exchange is under way.</summary>
    public double SentCodes(double tokens) =>
        plan.ExpertRanks > 1 && ExpertMemory.SendsCodes(plan.Model, backend.Precision) ? GrowingMemory.Pooled(tokens * ExpertMemory.RowOfCodes(plan.Model)) : 0;

    /// <summary>Rows that a rank's channels add up before they are a token's sum.</summary>
    public double Sums => (double)plan.Fabric.Channels * Arena.Plan(plan.Fabric.ChunkRows, _shape.Columns, _shape.RowType);

    /// <summary>The rings of a group: for each node those that every other one writes. What the host reads is pinned beside a device.</summary>
    public MemoryEstimate Rings()
    {
        double pairs = _shape.Nodes * (_shape.Nodes - 1.0);
        long rows = FabricRings.PairRowBytes(_shape, plan.Fabric);
        return MemoryEstimate.For(MemoryKind.Rings, pairs * rows)
            + MemoryEstimate.For(MemoryKind.Rings, pairs * (FabricRings.PairBytes(_shape, plan.Fabric) - rows), backend.OrdersStreams);
    }

    /// <summary>
    /// Frames between memory domains that do not reach each other: rows between stages, and the blocks that several domains hold. By timing each rank has one of a size under
    /// way, or as many as it has credits for.
    /// </summary>
    /// <param name="load">Balanced: one of each size and domain; else as many of the largest as each rank has credits for.</param>
    /// <param name="whole">Shapes of the model.</param>
    /// <param name="owners">Who holds each block.</param>
    /// <param name="handOver">Bytes of a chunk's rows for another stage.</param>
    public double Frames(RoutingLoad load, ModelWeights whole, IEnumerable<BlockOwner> owners, double handOver)
    {
        if (plan.Domains == 1 || (backend.OrdersStreams && !plan.SeparatesNodes))
        {
            return 0;
        }

        if (load != RoutingLoad.Balanced)
        {
            return (double)plan.Ranks * plan.Fabric.SlotsPerRing * Math.Max(handOver, whole.Blocks.Max(OfBlock));
        }

        double rows = plan.PipelineRanks > 1 && plan.RanksPerNode <= plan.ExpertRanks ? plan.Ranks * handOver : 0;
        return rows + (plan.Domains * owners.Where(owner => owner.Holders.Select(plan.DomainOf).Distinct().Skip(1).Any())
            .Select(owner => OfBlock(whole.Blocks[owner.Number])).Distinct().Sum());
    }

    private static double OfBlock(ParameterBlock block) => GrowingMemory.Pooled(sizeof(float) * (double)block.Values.Count);
}
