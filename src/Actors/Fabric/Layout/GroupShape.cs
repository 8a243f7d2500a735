using Actors.Model.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Fabric.Layout;

/// <summary>
/// The ranks of one expert group (the same pipeline position) and the rows that they exchange. Ranks are numbered inside the
/// group; an <see cref="ExpertPlacement"/> says which node and which experts each has.
/// </summary>
public sealed record GroupShape
{
    private readonly ExpertPlacement _placement;
    private readonly RowForm _tokens, _gradients;

    /// <summary>Describes a group.</summary>
    /// <param name="ranks">Ranks of the group (expert parallelism).</param>
    /// <param name="ranksPerNode">Ranks that share a node and its fast links; divides <paramref name="ranks"/>.</param>
    /// <param name="experts">Routed experts of a layer; a multiple of <paramref name="ranks"/>.</param>
    /// <param name="choices">Experts that a token chooses (top-k).</param>
    /// <param name="columns">Elements of a row (hidden size).</param>
    /// <param name="rowType">How a row's element is stored: Float32 or BFloat16.</param>
    /// <exception cref="ArgumentException">A rule is broken; the message names it.</exception>
    public GroupShape(int ranks, int ranksPerNode, int experts, int choices, int columns, ElementType rowType = ElementType.Float32)
        : this(new ExpertPlacement(experts, ranks, ranksPerNode), choices, columns, rowType)
    {
        // A placement takes fewer ranks than a node holds for one node; who counts a group's node must fill it.
        Require(RefuseNodes(ranks, ranksPerNode));
    }

    /// <summary>Describes a group whose experts are placed.</summary>
    /// <param name="placement">Ranks, nodes and experts of the group.</param>
    /// <param name="choices">Experts that a token chooses (top-k).</param>
    /// <param name="columns">Elements of a row (hidden size).</param>
    /// <param name="rowType">How a row's element is stored: Float32 or BFloat16.</param>
    /// <param name="sendsCodes">Whether tokens go to their experts as codes with scales.</param>
    /// <param name="sendsGradientCodes">Whether gradients of the experts' sums do.</param>
    /// <exception cref="ArgumentException">A rule is broken; the message names it.</exception>
    public GroupShape(
        ExpertPlacement placement, int choices, int columns, ElementType rowType = ElementType.Float32, bool sendsCodes = false, bool sendsGradientCodes = false)
    {
        ArgumentNullException.ThrowIfNull(placement);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        Require(RefuseNodes(placement.Ranks, placement.RanksPerNode));
        if (choices < 1 || choices > placement.Experts)
        {
            throw new ArgumentException($"A token cannot choose {choices} of {placement.Experts} experts.");
        }

        if (rowType is not (ElementType.Float32 or ElementType.BFloat16))
        {
            throw new ArgumentException($"Rows of {rowType} cannot be exchanged: choose Float32 or BFloat16.");
        }

        _placement = placement;
        Choices = choices;
        Columns = columns;
        RowType = rowType;
        _tokens = sendsCodes ? RowForm.CodesOf(columns) : Returned;
        _gradients = sendsGradientCodes ? RowForm.CodesOf(columns) : Returned;
    }

    /// <summary>Most nodes in a group: a token's nodes are kept as one bit each.</summary>
    public const int MaxNodes = 64;

    /// <summary>Ranks of the group.</summary>
    public int Ranks => _placement.Ranks;

    /// <summary>Ranks that share a node.</summary>
    public int RanksPerNode => _placement.RanksPerNode;

    /// <summary>Routed experts of a layer.</summary>
    public int Experts => _placement.Experts;

    /// <summary>Experts that a token chooses.</summary>
    public int Choices { get; }

    /// <summary>Elements of a row.</summary>
    public int Columns { get; }

    /// <summary>How the precision stores an element of a row.</summary>
    public ElementType RowType { get; }

    /// <summary>How sums come back from the experts in both phases: as the precision stores rows.</summary>
    public RowForm Returned => new(Columns, RowType);

    /// <summary>Bytes that a row takes at most on its way to the experts, in either phase.</summary>
    public int MostSentBytes => Math.Max(_tokens.Bytes, _gradients.Bytes);

    /// <summary>Nodes of the group.</summary>
    public int Nodes => _placement.Nodes;

    /// <summary>Experts that one rank holds.</summary>
    public int ExpertsPerRank => _placement.ExpertsPerRank;

    /// <summary>Bytes of a row as the precision stores it.</summary>
    public int RowBytes => Returned.Bytes;

    /// <summary>How rows go to the experts in a phase: tokens in the forward, gradients of their sums in the backward.</summary>
    public RowForm Sent(ExchangePhase phase) => phase == ExchangePhase.Forward ? _tokens : _gradients;

    /// <summary>Why <paramref name="ranks"/> in nodes of so many ranks are no group, or null.</summary>
    public static string? RefuseNodes(int ranks, int ranksPerNode) => ExpertPlacement.RefuseNodes(ranks, ranksPerNode)
        ?? (ranks / ranksPerNode <= MaxNodes
            ? null
            : $"{ranks} expert ranks in nodes of {ranksPerNode} need {ranks / ranksPerNode} nodes, and a layer's experts may span "
                + $"{MaxNodes}; use more ranks a node");

    /// <inheritdoc cref="ExpertPlacement.NodeOf"/>
    public int NodeOf(int rank) => _placement.NodeOf(rank);

    /// <inheritdoc cref="ExpertPlacement.LocalOf"/>
    public int LocalOf(int rank) => _placement.LocalOf(rank);

    /// <inheritdoc cref="ExpertPlacement.RankAt"/>
    public int RankAt(int node, int local) => _placement.RankAt(node, local);

    /// <inheritdoc cref="ExpertPlacement.RankOf"/>
    public int RankOfExpert(int expert) => _placement.RankOf(expert);

    private static void Require(string? refusal)
    {
        if (refusal is not null)
        {
            throw new ArgumentException($"{refusal}.");
        }
    }
}
