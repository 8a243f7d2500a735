using Actors.Runtime.Fabric.Experts;
using Actors.Runtime.Fabric.Layout;
using Actors.Runtime.Fabric.Links;
using Actors.Tensors;

namespace Actors.Runtime.Fabric.Channels;

/// <summary>
/// A channel's second role: spreads rows that came over the slow hop, and its own rank's rows for the own node, to the shards
/// of this node that hold their experts. A shard's reserved window is the credit of the fast hop: rows wait in their slot
/// until every shard of the node has made room.
/// </summary>
internal sealed class DispatchForwarder
{
    private readonly ChannelContext _context;
    private readonly SlotQueue[] _arrived;
    private readonly State[] _states;
    private readonly int[] _from;
    private readonly int[] _to;
    private readonly int[] _slotRows;

    public DispatchForwarder(ChannelContext context)
    {
        _context = context;
        _arrived = new SlotQueue[context.Shape.Nodes];
        for (int node = 0; node < _arrived.Length; node++)
        {
            _arrived[node] = new SlotQueue(context.Memory.Settings.SlotsPerRing);
        }

        _states = new State[context.Memory.Exchanges];
        for (int exchange = 0; exchange < _states.Length; exchange++)
        {
            _states[exchange] = new State(context.Shape);
        }

        int chunkRows = context.Memory.Settings.ChunkRows;
        _from = new int[chunkRows];
        _to = new int[chunkRows];
        _slotRows = new int[chunkRows];
        for (int row = 0; row < chunkRows; row++)
        {
            _slotRows[row] = row;
        }

    }

    /// <summary>The routes of one source's rows through this channel, for combine.</summary>
    public ForwardRoutes Routes(int exchange, int sourceNode) => _states[exchange].Routes[sourceNode];

    public void Start(int exchange, ExchangePhase phase, long started)
    {
        State state = _states[exchange];
        state.OwnWaiting[(int)phase] = true;
        state.LastStart[(int)phase] = Math.Max(state.LastStart[(int)phase], started);
        Advance(exchange, phase);
    }

    public void ReceiverReady(ReceiverReady ready)
    {
        (int exchange, ExchangePhase phase) = (ready.Exchange, ready.Phase);
        State state = _states[exchange];
        if (phase == ExchangePhase.Forward)
        {
            KeepPlaces(state, ready);
        }

        state.ReadyCount[(int)phase]++;
        if (!state.IsReady(phase))
        {
            return;
        }

        state.SourcesLeft = _context.Shape.Nodes;
        Advance(exchange, phase);
        for (int node = 0; node < _arrived.Length; node++)
        {
            Drain(node);
        }
    }

    public void Arrived(int node, int slot)
    {
        _arrived[node].Enqueue(slot);
        Drain(node);
    }

    private void Drain(int node)
    {
        SlotQueue queue = _arrived[node];
        while (!queue.IsEmpty)
        {
            int slot = queue.First;
            Ring ring = _context.Memory.RingOf(RingKind.Dispatch, _context.Rank, _context.Channel, node);
            SlotHeader header = ring.Header(slot);
            if (!_states[header.Exchange].IsReady(header.Phase))
            {
                return;
            }

            queue.DropFirst();
            ref long lastStart = ref _states[header.Exchange].LastStart[(int)header.Phase];
            lastStart = Math.Max(lastStart, header.LastStart);
            Forward(header, _context.PeerOn(node), ring, slot);
            _context.TellPeer(node, ring.Released(slot));
            if (header.Last)
            {
                SourceEnded(header.Exchange, header.Phase);
            }
        }
    }

    /// <summary>Forwards the own rank's rows for the own node, once the node's shards are ready.</summary>
    private void Advance(int exchange, ExchangePhase phase)
    {
        State state = _states[exchange];
        if (!state.OwnWaiting[(int)phase] || !state.IsReady(phase))
        {
            return;
        }

        state.OwnWaiting[(int)phase] = false;
        SourceExchange source = _context.Memory.Source(_context.Rank, exchange);
        ReadOnlySpan<int> tokens = source.Layout.TokensForNode(_context.Node, _context.Channel);
        ForwardRoutes routes = state.Routes[_context.Node];
        if (phase == ExchangePhase.Forward)
        {
            state.Begin(_context.Node);
            routes.Add(source.Experts.AsSpan<int>(), tokens, _context.Shape, _context.Node);
        }

        for (int first = 0; first < tokens.Length; first += _from.Length)
        {
            ReadOnlySpan<int> rows = tokens.Slice(first, Math.Min(_from.Length, tokens.Length - first));
            Spread(
                exchange, phase, source.Rows(phase), rows, source.Experts.AsSpan<int>(), source.Weights.AsSpan<float>(), routes.Rows(first, rows.Length));
        }

        SourceEnded(exchange, phase);
    }

    private void Forward(SlotHeader header, int source, Ring ring, int slot)
    {
        ForwardRoutes routes = _states[header.Exchange].Routes[_context.Shape.NodeOf(source)];
        ReadOnlySpan<int> rows = _slotRows.AsSpan(0, header.Rows);
        if (header.Phase == ExchangePhase.Forward)
        {
            if (header.FirstRow == 0)
            {
                _states[header.Exchange].Begin(_context.Shape.NodeOf(source));
            }

            routes.Add(ring.Experts(slot), rows, _context.Shape, _context.Node);
        }

        Spread(
            header.Exchange, header.Phase, ring.Rows(slot, header.Phase), rows, ring.Experts(slot), ring.Weights(slot), routes.Rows(header.FirstRow, header.Rows));
    }

    /// <summary>Keeps where the rows begin that this channel forwards, from each node, in the window that has opened.</summary>
    private void KeepPlaces(State state, ReceiverReady ready)
    {
        int local = _context.Shape.LocalOf(ready.Rank);
        for (int node = 0; node < _arrived.Length; node++)
        {
            int place = (_context.PeerOn(node) * _context.Memory.Settings.Channels) + _context.Channel;
            state.FirstRows(node)[local] = ready.FirstRows[place];
        }
    }

    /// <summary>Writes rows, and in the forward their choices, to every shard of the node that holds one of their experts.</summary>
    private void Spread(
        int exchange, ExchangePhase phase, Tensor source, ReadOnlySpan<int> rows, ReadOnlySpan<int> experts, ReadOnlySpan<float> weights,
        ReadOnlySpan<int> routes)
    {
        int ranks = _context.Shape.RanksPerNode, choices = _context.Shape.Choices;
        for (int local = 0; local < ranks; local++)
        {
            int rank = _context.Shape.RankAt(_context.Node, local);
            ReceiveWindow window = _context.Memory.Window(rank, exchange);
            Span<int> toExperts = phase == ExchangePhase.Forward ? window.LocalExperts.AsSpan<int>() : [];
            Span<float> toWeights = phase == ExchangePhase.Forward ? window.Weights.AsSpan<float>() : [];
            int count = 0;
            for (int r = 0; r < rows.Length; r++)
            {
                int to = routes[(r * ranks) + local];
                if (to < 0)
                {
                    continue;
                }

                (_from[count], _to[count]) = (rows[r], to);
                count++;
                if (phase == ExchangePhase.Forward)
                {
                    int first = rows[r] * choices;
                    PutChoices(
                        rank, experts.Slice(first, choices), weights.Slice(first, choices),
                        toExperts.Slice(to * choices, choices), toWeights.Slice(to * choices, choices));
                }
            }

            if (count > 0)
            {
                _context.Link.Scatter(source, _from.AsSpan(0, count), _to.AsSpan(0, count), window.Rows(phase));
                _context.CountFast(count, _context.Shape.Sent(phase));
                window.CountArrived(phase, count);
            }
        }
    }

    /// <summary>Writes a row's choices as the rank sees them: experts of its own, none elsewhere.</summary>
    private void PutChoices(int rank, ReadOnlySpan<int> experts, ReadOnlySpan<float> weights, Span<int> toExperts, Span<float> toWeights)
    {
        int expertsPerRank = _context.Shape.ExpertsPerRank, firstExpert = rank * expertsPerRank;
        for (int k = 0; k < experts.Length; k++)
        {
            int local = experts[k] - firstExpert;
            bool here = (uint)local < (uint)expertsPerRank;
            toExperts[k] = here ? local : -1;
            toWeights[k] = here ? weights[k] : 0f;
        }
    }

    private void SourceEnded(int exchange, ExchangePhase phase)
    {
        State state = _states[exchange];
        // Below 0 a source would have ended twice, and the windows would be told of rows that are not there.
        if (--state.SourcesLeft < 0)
        {
            throw new InvalidOperationException($"Exchange {exchange} ({phase}): more nodes have ended than there are.");
        }

        if (state.SourcesLeft == 0)
        {
            long lastStart = state.LastStart[(int)phase];
            (state.ReadyCount[(int)phase], state.LastStart[(int)phase]) = (0, 0);
            _context.TellDelivered(exchange, phase, lastStart);
        }
    }

    private sealed class State
    {
        private readonly int _ranksPerNode;
        private readonly int[] _firstRows;

        public State(GroupShape shape)
        {
            _ranksPerNode = shape.RanksPerNode;
            _firstRows = new int[shape.Nodes * shape.RanksPerNode];
            Routes = new ForwardRoutes[shape.Nodes];
            for (int node = 0; node < Routes.Length; node++)
            {
                Routes[node] = new ForwardRoutes(shape.RanksPerNode);
            }
        }

        public ForwardRoutes[] Routes { get; }

        public int[] ReadyCount { get; } = new int[2];

        public long[] LastStart { get; } = new long[2];

        public bool[] OwnWaiting { get; } = new bool[2];

        public int SourcesLeft { get; set; }

        /// <summary>Place of the first row from a node in each window of this one.</summary>
        public Span<int> FirstRows(int sourceNode) => _firstRows.AsSpan(sourceNode * _ranksPerNode, _ranksPerNode);

        /// <summary>Begins the routes of a source's rows.</summary>
        public void Begin(int sourceNode) => Routes[sourceNode].Begin(FirstRows(sourceNode));

        public bool IsReady(ExchangePhase phase) => ReadyCount[(int)phase] == _ranksPerNode;
    }
}
