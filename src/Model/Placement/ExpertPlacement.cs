namespace Actors.Model.Placement;

/// <summary>
/// Which expert-parallel rank holds which routed experts, and which node holds which rank: contiguous experts a rank,
/// contiguous ranks a node. It also fixes the order in which what a token's experts return is summed, in float32: within a
/// rank in expert order from zero with fused multiply-add, then a node's ranks in rank order, then nodes in node order.
/// </summary>
public sealed record ExpertPlacement
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

        RanksPerNode = Math.Min(ranks, ranksPerNode);
        if ((RefuseRanks(experts, ranks) ?? RefuseNodes(ranks, RanksPerNode)) is { } rule)
        {
            throw new ArgumentException($"{rule}.");
        }

        Experts = experts;
        Ranks = ranks;
        Nodes = ranks / RanksPerNode;
        ExpertsPerRank = experts / ranks;
    }

    /// <summary>Routed experts of a layer.</summary>
    public int Experts { get; }

    /// <summary>Expert-parallel ranks.</summary>
    public int Ranks { get; }

    /// <summary>Ranks of a node.</summary>
    public int RanksPerNode { get; }

    /// <summary>Nodes of an expert group.</summary>
    public int Nodes { get; }

    /// <summary>Experts of a rank.</summary>
    public int ExpertsPerRank { get; }

    /// <summary>Why <paramref name="experts"/> cannot be divided over so many ranks, or null.</summary>
    public static string? RefuseRanks(int experts, int ranks) => experts % ranks == 0
        ? null
        : $"{experts} routed experts do not divide over {ranks} ranks, and every rank holds as many; use a divisor of {experts}";

    /// <summary>Why <paramref name="ranks"/> cannot stand in nodes of so many ranks, or null.</summary>
    public static string? RefuseNodes(int ranks, int ranksPerNode) => ranks % ranksPerNode == 0
        ? null
        : $"{ranks} expert ranks do not fill nodes of {ranksPerNode} ranks; use a divisor of {ranks}";

    /// <summary>The rank that holds <paramref name="expert"/>.</summary>
    public int RankOf(int expert) =>
        (uint)expert < (uint)Experts
            ? expert / ExpertsPerRank
            : throw OutOfRange(nameof(expert), expert, Experts);

    /// <summary>The node that holds <paramref name="rank"/>.</summary>
    public int NodeOf(int rank) =>
        (uint)rank < (uint)Ranks
            ? rank / RanksPerNode
            : throw OutOfRange(nameof(rank), rank, Ranks);

    /// <summary>The index of <paramref name="rank"/> inside its node.</summary>
    public int LocalOf(int rank) =>
        (uint)rank < (uint)Ranks
            ? rank % RanksPerNode
            : throw OutOfRange(nameof(rank), rank, Ranks);

    /// <summary>The rank with index <paramref name="local"/> on <paramref name="node"/>.</summary>
    public int RankAt(int node, int local) => (node * RanksPerNode) + local;

    /// <summary>The experts that <paramref name="rank"/> holds.</summary>
    public ExpertRange ExpertsOf(int rank) =>
        (uint)rank < (uint)Ranks
            ? new ExpertRange(rank * ExpertsPerRank, ExpertsPerRank)
            : throw OutOfRange(nameof(rank), rank, Ranks);

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

    private static ArgumentOutOfRangeException OutOfRange(string what, int number, int count) => new(what, number, $"There are {count} {what}s.");
}
