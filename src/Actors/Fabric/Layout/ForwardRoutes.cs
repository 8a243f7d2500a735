using System.Numerics;

namespace Actors.Runtime.Fabric.Layout;

/// <summary>
/// Which rows of the node's shards the rows of one source went to, in order: kept from the forward dispatch, so that combine
/// and the backward walk the same way. Entry (row, local rank) is the row in that rank's window, or −1.
/// </summary>
internal sealed class ForwardRoutes(int ranksPerNode)
{
    private readonly int[] _next = new int[ranksPerNode];
    private int[] _rows = [];

    /// <summary>Rows so far.</summary>
    public int Count { get; private set; }

    /// <summary>Begins a forward dispatch.</summary>
    /// <param name="firstRows">Place of the first row in each local rank's window.</param>
    public void Begin(ReadOnlySpan<int> firstRows)
    {
        Count = 0;
        firstRows.CopyTo(_next);
    }

    /// <summary>Entries of rows <paramref name="first"/> .. first + count − 1, row by row.</summary>
    public ReadOnlySpan<int> Rows(int first, int count) => _rows.AsSpan(first * ranksPerNode, count * ranksPerNode);

    /// <summary>Adds rows: gives each rank that holds a choice of the row the next place of its window.</summary>
    /// <param name="experts">Choices (any, Choices), row by row.</param>
    /// <param name="rows">The rows of <paramref name="experts"/> to add, in order.</param>
    /// <param name="shape">The group.</param>
    /// <param name="node">The node that these routes are for.</param>
    public void Add(ReadOnlySpan<int> experts, ReadOnlySpan<int> rows, GroupShape shape, int node)
    {
        Reserve((Count + rows.Length) * ranksPerNode);
        int expertsPerRank = shape.ExpertsPerRank;
        int firstExpert = shape.RankAt(node, 0) * expertsPerRank;
        var expertsOfNode = (uint)(ranksPerNode * expertsPerRank);
        for (int r = 0; r < rows.Length; r++)
        {
            Span<int> entry = _rows.AsSpan((Count + r) * ranksPerNode, ranksPerNode);
            entry.Fill(-1);
            foreach (int expert in experts.Slice(rows[r] * shape.Choices, shape.Choices))
            {
                // Of another node, and -1: outside.
                var place = (uint)(expert - firstExpert);
                if (place >= expertsOfNode)
                {
                    continue;
                }

                var local = (int)(place / (uint)expertsPerRank);
                if (entry[local] < 0)
                {
                    entry[local] = _next[local]++;
                }
            }
        }

        Count += rows.Length;
    }

    private void Reserve(int entries)
    {
        if (_rows.Length < entries)
        {
            Array.Resize(ref _rows, (int)BitOperations.RoundUpToPowerOf2((uint)entries));
        }
    }
}
