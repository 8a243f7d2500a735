using Actors.Tensors;

namespace Actors.Runtime.Fabric;

/// <summary>
/// The ranks of one expert group (the same pipeline position) and the rows that they exchange. Ranks are numbered inside the
/// group; node n holds ranks n · RanksPerNode .. (n + 1) · RanksPerNode − 1; rank r holds experts
/// r · ExpertsPerRank .. (r + 1) · ExpertsPerRank − 1.
/// </summary>
public sealed record GroupShape
{
    /// <summary>Describes a group.</summary>
    /// <param name="ranks">Ranks of the group (expert parallelism).</param>
    /// <param name="ranksPerNode">Ranks that share a node and its fast links; divides <paramref name="ranks"/>.</param>
    /// <param name="experts">Routed experts of a layer; a multiple of <paramref name="ranks"/>.</param>
    /// <param name="choices">Experts that a token chooses (top-k).</param>
    /// <param name="columns">Elements of a row (hidden size).</param>
    /// <param name="rowType">How a row's element travels: Float32 or BFloat16.</param>
    /// <exception cref="ArgumentException">A rule is broken; the message names it.</exception>
    public GroupShape(int ranks, int ranksPerNode, int experts, int choices, int columns, ElementType rowType = ElementType.Float32)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ranks);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ranksPerNode);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        if (ranks % ranksPerNode != 0)
        {
            throw new ArgumentException($"{ranks} expert ranks do not fill nodes of {ranksPerNode} ranks: choose a divisor of {ranks}.");
        }

        if (experts < ranks || experts % ranks != 0)
        {
            throw new ArgumentException($"{experts} experts do not divide over {ranks} expert ranks: choose a divisor of {experts}.");
        }

        if (choices < 1 || choices > experts)
        {
            throw new ArgumentException($"A token cannot choose {choices} of {experts} experts.");
        }

        if (ranks / ranksPerNode > MaxNodes)
        {
            throw new ArgumentException($"{ranks / ranksPerNode} nodes are more than the {MaxNodes} that an expert group may span.");
        }

        if (rowType is not (ElementType.Float32 or ElementType.BFloat16))
        {
            throw new ArgumentException($"Rows of {rowType} cannot be exchanged: choose Float32 or BFloat16.");
        }

        Ranks = ranks;
        RanksPerNode = ranksPerNode;
        Experts = experts;
        Choices = choices;
        Columns = columns;
        RowType = rowType;
        Nodes = ranks / ranksPerNode;
        ExpertsPerRank = experts / ranks;
    }

    /// <summary>Most nodes in a group: a token's nodes are kept as one bit each.</summary>
    public const int MaxNodes = 64;

    /// <summary>Ranks of the group.</summary>
    public int Ranks { get; }

    /// <summary>Ranks that share a node.</summary>
    public int RanksPerNode { get; }

    /// <summary>Routed experts of a layer.</summary>
    public int Experts { get; }

    /// <summary>Experts that a token chooses.</summary>
    public int Choices { get; }

    /// <summary>Elements of a row.</summary>
    public int Columns { get; }

    /// <summary>How a row's element travels.</summary>
    public ElementType RowType { get; }

    /// <summary>Nodes of the group.</summary>
    public int Nodes { get; }

    /// <summary>Experts that one rank holds.</summary>
    public int ExpertsPerRank { get; }

    /// <summary>Bytes of a row on the wire.</summary>
    public int RowBytes => Columns * RowType.SizeInBytes();

    /// <summary>The node that holds <paramref name="rank"/>.</summary>
    public int NodeOf(int rank) => rank / RanksPerNode;

    /// <summary>The index of <paramref name="rank"/> inside its node.</summary>
    public int LocalOf(int rank) => rank % RanksPerNode;

    /// <summary>The rank with index <paramref name="local"/> on <paramref name="node"/>.</summary>
    public int RankAt(int node, int local) => (node * RanksPerNode) + local;

    /// <summary>The rank that holds <paramref name="expert"/>.</summary>
    public int RankOfExpert(int expert) => expert / ExpertsPerRank;
}
