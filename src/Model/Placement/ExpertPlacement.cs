namespace Actors.Model.Placement;

/// <summary>
/// Which expert-parallel rank holds which routed experts, and which node holds which rank: contiguous experts a rank,
/// contiguous ranks a node. It also fixes the order in which what a token's experts return is summed, in float32: within a
/// rank in expert order from zero with fused multiply-add, then a node's ranks in rank order, then nodes in node order.
/// </summary>
public sealed class ExpertPlacement
{
    /// <summary>Places <paramref name="experts"/> on <paramref name="ranks"/>, <paramref name="ranksPerNode"/> of them on a node.</summary>
    /// <param name="experts">Routed experts of a layer; a multiple of the ranks.</param>
    /// <param name="ranks">Expert-parallel ranks; a multiple of the ranks a node, or fewer than these.</param>
    /// <param name="ranksPerNode">Ranks that the fast hop reaches.</param>
    /// <exception cref="ArgumentException">The numbers do not divide.</exception>
    public ExpertPlacement(int experts, int ranks, int ranksPerNode)
    {
        if (experts < 1 || ranks < 1 || ranksPerNode < 1)
        {
            throw new ArgumentException(
                $"Expert placement needs at least one expert, rank and rank per node; found {experts}, {ranks} and {ranksPerNode}.");
        }

        if (experts % ranks != 0)
        {
            throw new ArgumentException(
                $"{experts} routed experts do not divide by {ranks} expert-parallel ranks: choose a number of ranks that divides {experts}.");
        }

        if (ranks > ranksPerNode && ranks % ranksPerNode != 0)
        {
            throw new ArgumentException(
                $"{ranks} expert-parallel ranks do not divide by {ranksPerNode} ranks per node: every node must hold as many ranks.");
        }

        Experts = experts;
        Ranks = ranks;
        RanksPerNode = Math.Min(ranks, ranksPerNode);
    }

    /// <summary>Routed experts of a layer.</summary>
    public int Experts { get; }

    /// <summary>Expert-parallel ranks.</summary>
    public int Ranks { get; }

    /// <summary>Ranks of a node.</summary>
    public int RanksPerNode { get; }

    /// <summary>Nodes of an expert group.</summary>
    public int Nodes => Ranks / RanksPerNode;

    /// <summary>Experts of a rank.</summary>
    public int ExpertsPerRank => Experts / Ranks;

    /// <summary>The rank that holds <paramref name="expert"/>.</summary>
    public int RankOf(int expert) =>
        (uint)expert < (uint)Experts
            ? expert / ExpertsPerRank
            : throw new ArgumentOutOfRangeException(nameof(expert), expert, $"There are {Experts} experts.");

    /// <summary>The node that holds <paramref name="rank"/>.</summary>
    public int NodeOf(int rank) =>
        (uint)rank < (uint)Ranks
            ? rank / RanksPerNode
            : throw new ArgumentOutOfRangeException(nameof(rank), rank, $"There are {Ranks} ranks.");

    /// <summary>The experts that <paramref name="rank"/> holds.</summary>
    public ExpertRange ExpertsOf(int rank) =>
        (uint)rank < (uint)Ranks
            ? new ExpertRange(rank * ExpertsPerRank, ExpertsPerRank)
            : throw new ArgumentOutOfRangeException(nameof(rank), rank, $"There are {Ranks} ranks.");

    /// <summary>The experts of every rank, in rank order.</summary>
    public IReadOnlyList<ExpertRange> Ranges()
    {
        var ranges = new ExpertRange[Ranks];
        for (int rank = 0; rank < Ranks; rank++)
        {
            ranges[rank] = ExpertsOf(rank);
        }

        return ranges;
    }
}
