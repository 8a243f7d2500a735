using System.Numerics;

namespace Actors.Runtime.Fabric.Layout;

/// <summary>
/// Where the rows of one source rank go (DeepEP's layout): counts a rank and channel for the receivers' headers, and for each
/// destination node the tokens that it gets, in token order, cut by channel. Built once in the forward, reused by the backward.
/// Arrays grow to the largest batch seen and are then reused.
/// </summary>
public sealed class ExchangeLayout
{
    private readonly GroupShape _shape;
    private readonly int _channels;
    private readonly int[] _rankCounts;
    private readonly int[][] _nodeTokens;
    private readonly int[] _nodeOffsets;
    private readonly int[] _rankSeen;
    private ulong[] _tokenNodes = [];

    /// <summary>Makes an empty layout for a group whose ranks have <paramref name="channels"/> channels.</summary>
    public ExchangeLayout(GroupShape shape, int channels)
    {
        _shape = shape;
        _channels = channels;
        _rankCounts = new int[shape.Ranks * channels];
        _nodeTokens = new int[shape.Nodes][];
        Array.Fill(_nodeTokens, []);
        _nodeOffsets = new int[shape.Nodes * (channels + 1)];
        _rankSeen = new int[shape.Ranks];
    }

    /// <summary>Tokens of the batch.</summary>
    public int Tokens { get; private set; }

    /// <summary>Most nodes that any token of the batch reaches.</summary>
    public int MaxNodesOfToken { get; private set; }

    /// <summary>Nodes that the tokens of the batch reach, added up.</summary>
    public long NodesOfTokens { get; private set; }

    /// <summary>First token of a channel's range; the range of channel c ends where that of c + 1 starts.</summary>
    public int FirstToken(int channel) => (int)((long)Tokens * channel / _channels);

    /// <summary>Rows that <paramref name="rank"/> gets through <paramref name="channel"/> (a token counts once a rank).</summary>
    public int RowsForRank(int rank, int channel) => _rankCounts[(rank * _channels) + channel];

    /// <summary>Rows for one rank, channel by channel.</summary>
    public ReadOnlySpan<int> RowsForRank(int rank) => _rankCounts.AsSpan(rank * _channels, _channels);

    /// <summary>Tokens of one channel that reach <paramref name="node"/>, in order.</summary>
    public ReadOnlySpan<int> TokensForNode(int node, int channel)
    {
        int start = _nodeOffsets[(node * (_channels + 1)) + channel];
        int end = _nodeOffsets[(node * (_channels + 1)) + channel + 1];
        return _nodeTokens[node].AsSpan(start, end - start);
    }

    /// <summary>The nodes that a token reaches, bit n for node n.</summary>
    public ulong NodesOfToken(int token) => _tokenNodes[token];

    /// <summary>The first token that reaches more nodes than it may, in words; null: none does.</summary>
    /// <param name="limit">Most nodes that a token may reach.</param>
    public string? BeyondNodes(int limit)
    {
        if (MaxNodesOfToken <= limit)
        {
            return null;
        }

        int token = 0;
        while (BitOperations.PopCount(_tokenNodes[token]) <= limit)
        {
            token++;
        }

        IEnumerable<int> nodes = Enumerable.Range(0, _shape.Nodes).Where(node => (_tokenNodes[token] >> node & 1) != 0);
        return $"token {token} of the chunk goes to nodes {string.Join(", ", nodes)} of its group, and at most {limit} are allowed";
    }

    /// <summary>Works the layout out.</summary>
    /// <param name="experts">Choices (tokens, Choices), row by row; −1 is "no choice".</param>
    /// <param name="tokens">Number of tokens.</param>
    /// <exception cref="ArgumentException">An expert number is out of range.</exception>
    public void Build(ReadOnlySpan<int> experts, int tokens)
    {
        Prepare(tokens);
        Span<int> nodeCounts = stackalloc int[_shape.Nodes];
        nodeCounts.Clear();
        for (int channel = 0; channel < _channels; channel++)
        {
            for (int node = 0; node < _shape.Nodes; node++)
            {
                _nodeOffsets[(node * (_channels + 1)) + channel] = nodeCounts[node];
            }

            int end = FirstToken(channel + 1);
            for (int token = FirstToken(channel); token < end; token++)
            {
                AddToken(token, channel, experts.Slice(token * _shape.Choices, _shape.Choices), nodeCounts);
            }
        }

        for (int node = 0; node < _shape.Nodes; node++)
        {
            _nodeOffsets[(node * (_channels + 1)) + _channels] = nodeCounts[node];
        }
    }

    private void Prepare(int tokens)
    {
        Tokens = tokens;
        (MaxNodesOfToken, NodesOfTokens) = (0, 0);
        Array.Clear(_rankCounts);
        Array.Fill(_rankSeen, -1);
        if (_tokenNodes.Length < tokens)
        {
            int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)tokens);
            _tokenNodes = new ulong[capacity];
            for (int node = 0; node < _nodeTokens.Length; node++)
            {
                _nodeTokens[node] = new int[capacity];
            }
        }
    }

    private void AddToken(int token, int channel, ReadOnlySpan<int> choices, Span<int> nodeCounts)
    {
        ulong nodes = 0;
        foreach (int expert in choices)
        {
            if (expert == -1)
            {
                continue;
            }

            if ((uint)expert >= (uint)_shape.Experts)
            {
                throw new ArgumentException($"Token {token} chooses expert {expert}; there are experts 0..{_shape.Experts - 1}.");
            }

            int rank = _shape.RankOfExpert(expert);
            if (_rankSeen[rank] != token)
            {
                _rankSeen[rank] = token;
                _rankCounts[(rank * _channels) + channel]++;
            }

            int node = _shape.NodeOf(rank);
            if ((nodes & (1UL << node)) == 0)
            {
                nodes |= 1UL << node;
                _nodeTokens[node][nodeCounts[node]++] = token;
            }
        }

        _tokenNodes[token] = nodes;
        int count = BitOperations.PopCount(nodes);
        MaxNodesOfToken = Math.Max(MaxNodesOfToken, count);
        NodesOfTokens += count;
    }
}
