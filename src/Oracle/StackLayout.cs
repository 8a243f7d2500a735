using Actors.Model.Placement;

namespace Actors.Oracle;

/// <summary>
/// Which rows every rank receives for one layer and micro-batch, as index lists: by destination rank, then source rank, then
/// token, a token once a rank. All destinations' rows stand one after the other in one stack.
/// </summary>
internal sealed class StackLayout
{
    private readonly ExpertPlacement _placement;
    private readonly int _choices;
    private int[] _localExperts = [];
    private int[] _tokens = [];
    private int[] _slots = [];

    public StackLayout(ExpertPlacement placement, int choices, int sources)
    {
        _placement = placement;
        _choices = choices;
        FirstRow = new int[placement.Ranks + 1];
        FirstRowOfPair = new int[placement.Ranks * sources + 1];
        Sources = new SourceIndices[sources];
        for (int s = 0; s < sources; s++)
        {
            Sources[s] = new SourceIndices();
        }
    }

    /// <summary>(ranks + 1): first stack row of each destination, then the number of rows.</summary>
    public int[] FirstRow { get; }

    /// <summary>(ranks · sources + 1): first stack row of each destination and source.</summary>
    public int[] FirstRowOfPair { get; }

    /// <summary>The lists of each source rank.</summary>
    public SourceIndices[] Sources { get; }

    /// <summary>Rows of all destinations.</summary>
    public int Rows => FirstRow[^1];

    /// <summary>(rows): token of its source.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Rows);

    /// <summary>(rows, K): slot (token · K + choice) of its source where the choice is the destination's, else −1.</summary>
    public ReadOnlySpan<int> Slots => _slots.AsSpan(0, Rows * _choices);

    /// <summary>(rows, K): local expert at the destination, or −1.</summary>
    public ReadOnlySpan<int> LocalExperts => _localExperts.AsSpan(0, Rows * _choices);

    /// <summary>Builds all lists from the sources' choices (tokens, K) in <see cref="SourceIndices.Experts"/>.</summary>
    public void Build()
    {
        int tokens = 0;
        foreach (SourceIndices source in Sources)
        {
            source.Reset(_choices, _placement);
            tokens += source.Tokens;
        }

        int most = tokens * Math.Min(_choices, _placement.Ranks);
        if (_tokens.Length < most)
        {
            _tokens = new int[most];
            _slots = new int[most * _choices];
            _localExperts = new int[most * _choices];
        }

        int row = 0;
        for (int rank = 0; rank < _placement.Ranks; rank++)
        {
            FirstRow[rank] = row;
            for (int s = 0; s < Sources.Length; s++)
            {
                FirstRowOfPair[rank * Sources.Length + s] = row;
                for (int t = 0; t < Sources[s].Tokens; t++)
                {
                    row += AddToken(Sources[s], t, rank, row);
                }
            }
        }

        FirstRow[^1] = row;
        FirstRowOfPair[^1] = row;
    }

    /// <summary>Adds the row of a token if any of its experts is the rank's; returns the number of rows added.</summary>
    private int AddToken(SourceIndices source, int token, int rank, int row)
    {
        ExpertRange range = _placement.ExpertsOf(rank);
        ReadOnlySpan<int> experts = source.Experts.AsSpan(token * _choices, _choices);
        bool any = false;
        foreach (int expert in experts)
        {
            any |= (uint)(expert - range.First) < (uint)range.Count;
        }

        if (!any)
        {
            return 0;
        }

        _tokens[row] = token;
        for (int k = 0; k < _choices; k++)
        {
            int slot = token * _choices + k;
            int local = experts[k] - range.First;
            bool here = (uint)local < (uint)range.Count;
            _localExperts[row * _choices + k] = here ? local : -1;
            _slots[row * _choices + k] = here ? slot : -1;
            if (here)
            {
                source.SlotOfWeight[slot] = row * _choices + k;
            }
        }

        source.AddPartial(token, rank, row, _placement);
        return 1;
    }

    /// <summary>What belongs to one source rank.</summary>
    internal sealed class SourceIndices
    {
        /// <summary>Tokens of its chunk; set by the caller.</summary>
        public int Tokens { get; set; }

        /// <summary>(tokens, K): chosen experts; set by the caller.</summary>
        public int[] Experts { get; set; } = [];

        /// <summary>(nodes, tokens, ranks a node): stack row of the node's partial sums in rank order, −1 for none.</summary>
        public int[] Partials { get; private set; } = [];

        /// <summary>(tokens, nodes): row of <see cref="Partials"/> where the node has any, else −1.</summary>
        public int[] NodeRows { get; private set; } = [];

        /// <summary>(tokens, K): slot (stack row · K + choice) of each choice's weight; −1 where a token has none.</summary>
        public int[] SlotOfWeight { get; private set; } = [];

        public void Reset(int choices, ExpertPlacement placement)
        {
            if (SlotOfWeight.Length < Tokens * choices || Partials.Length < Tokens * placement.Ranks)
            {
                Partials = new int[Tokens * placement.Ranks];
                NodeRows = new int[Tokens * placement.Nodes];
                SlotOfWeight = new int[Tokens * choices];
            }

            Partials.AsSpan().Fill(-1);
            NodeRows.AsSpan().Fill(-1);
            SlotOfWeight.AsSpan().Fill(-1);
        }

        public void AddPartial(int token, int rank, int row, ExpertPlacement placement)
        {
            int node = placement.NodeOf(rank);
            int nodeRow = node * Tokens + token;
            Partials[nodeRow * placement.RanksPerNode + placement.LocalOf(rank)] = row;
            NodeRows[token * placement.Nodes + node] = nodeRow;
        }
    }
}
