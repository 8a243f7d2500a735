using System.Numerics;
using Actors.Tensors;

namespace Actors.Runtime.Fabric;

/// <summary>
/// A channel's fourth role: adds the nodes' sums for its rank's tokens, in node order for every token, in float32. A row that
/// comes before a lower node's row waits in its slot.
/// </summary>
internal sealed class CombineReceiver : IDisposable
{
    private readonly ChannelContext _context;
    private readonly SlotQueue[] _arrived;
    private readonly int[] _rowsApplied;
    private readonly State[] _states;
    private readonly List<(int Exchange, ExchangePhase Phase)> _ownReady;
    private readonly int[] _tokens;
    private readonly bool[] _add;
    private readonly float[] _weightGradients;
    private readonly Arena _arena;
    private readonly Tensor _scratch;
    private CombineForwarder? _forwarder;

    public CombineReceiver(ChannelContext context, IBackend backend)
    {
        _context = context;
        int chunkRows = context.Memory.Settings.ChunkRows;
        _arrived = new SlotQueue[context.Shape.Nodes];
        for (int node = 0; node < _arrived.Length; node++)
        {
            _arrived[node] = new SlotQueue(context.Memory.Settings.SlotsPerRing);
        }

        _rowsApplied = new int[_arrived.Length];
        _states = new State[2 * context.Memory.Exchanges];
        for (int i = 0; i < _states.Length; i++)
        {
            _states[i] = new State();
        }

        _ownReady = new(_states.Length);
        _tokens = new int[chunkRows];
        _add = new bool[chunkRows];
        _weightGradients = new float[chunkRows * context.Shape.Choices];
        _arena = new Arena(backend, Arena.Plan(chunkRows, context.Shape.Columns, context.Shape.RowType));
        _scratch = _arena.Take(chunkRows, context.Shape.Columns, context.Shape.RowType);
    }

    /// <summary>Names the role that sums the own node's rows.</summary>
    public void Connect(CombineForwarder forwarder) => _forwarder = forwarder;

    /// <summary>Makes ready for what will come back; called before anything of the exchange is sent.</summary>
    public void Start(int exchange, ExchangePhase phase)
    {
        State state = StateOf(exchange, phase);
        SourceExchange source = _context.Memory.Source(_context.Rank, exchange);
        state.Begin(source.Layout, _context.Channel);
        int first = state.FirstToken;
        for (int token = first; token < first + state.Tokens; token++)
        {
            if (source.Layout.NodesOfToken(token) == 0)
            {
                source.Combined(phase).RowSpan<float>(token).Clear();
            }

            if (phase == ExchangePhase.Backward)
            {
                source.WeightGradients.RowSpan<float>(token).Clear();
            }
        }
    }

    public void OwnNodeReady(int exchange, ExchangePhase phase)
    {
        StateOf(exchange, phase).OwnRowsApplied = 0;
        _ownReady.Add((exchange, phase));
        Advance();
    }

    public void Arrived(int node, int slot)
    {
        _arrived[node].Enqueue(slot);
        Advance();
    }

    public void Dispose() => _arena.Dispose();

    /// <summary>Adds every row whose turn it is, until none is.</summary>
    private void Advance()
    {
        bool progress = true;
        while (progress)
        {
            progress = false;
            for (int node = 0; node < _arrived.Length; node++)
            {
                progress |= node == _context.Node ? AdvanceOwn() : AdvanceRing(node);
            }
        }
    }

    private bool AdvanceRing(int node)
    {
        SlotQueue queue = _arrived[node];
        if (queue.IsEmpty)
        {
            return false;
        }

        int slot = queue.First;
        Ring ring = _context.Memory.RingOf(RingKind.Combine, _context.Rank, _context.Channel, node);
        SlotHeader header = ring.Header(slot);
        State state = StateOf(header.Exchange, header.Phase);
        SourceExchange source = _context.Memory.Source(_context.Rank, header.Exchange);
        ReadOnlySpan<int> tokens = source.Layout.TokensForNode(node, _context.Channel).Slice(header.FirstRow, header.Rows);
        int applied = _rowsApplied[node];
        int count = TakeRun(state, tokens[applied..], node);
        if (count > 0)
        {
            Apply(source, header.Phase, state, ring.Rows(slot).RowRange(applied, count), ring.Weights(slot)[(applied * _context.Shape.Choices)..]);
        }

        _rowsApplied[node] = applied + count;
        if (_rowsApplied[node] < header.Rows)
        {
            return count > 0;
        }

        _rowsApplied[node] = 0;
        queue.DropFirst();
        _context.TellPeer(node, ring.Released(slot));
        FinishIfComplete(header.Exchange, header.Phase, state);
        return true;
    }

    private bool AdvanceOwn()
    {
        bool progress = false;
        for (int i = 0; i < _ownReady.Count; i++)
        {
            (int exchange, ExchangePhase phase) = _ownReady[i];
            State state = StateOf(exchange, phase);
            SourceExchange source = _context.Memory.Source(_context.Rank, exchange);
            ReadOnlySpan<int> tokens = source.Layout.TokensForNode(_context.Node, _context.Channel);
            int count = TakeRun(state, tokens[state.OwnRowsApplied..], _context.Node);
            if (count > 0)
            {
                Tensor sums = _scratch.RowRange(0, count);
                _forwarder!.Sum(exchange, phase, _context.Node, state.OwnRowsApplied, sums, _weightGradients);
                Apply(source, phase, state, sums, _weightGradients);
                state.OwnRowsApplied += count;
                progress = true;
            }

            if (state.OwnRowsApplied == tokens.Length)
            {
                state.OwnEnded = true;
                _ownReady.RemoveAt(i--);
                _forwarder!.SourceEnded(exchange, phase);
                FinishIfComplete(exchange, phase, state);
            }
        }

        return progress;
    }

    /// <summary>
    /// Collects, into the row arrays, the leading tokens whose lowest outstanding node is <paramref name="node"/>, at most a
    /// chunk, and marks them done for it.
    /// </summary>
    private int TakeRun(State state, ReadOnlySpan<int> tokens, int node)
    {
        int limit = Math.Min(tokens.Length, _tokens.Length);
        int count = 0;
        for (; count < limit; count++)
        {
            ref ulong left = ref state.NodesLeft(tokens[count]);
            if (BitOperations.TrailingZeroCount(left) != node)
            {
                break;
            }

            left &= left - 1;
            _tokens[count] = tokens[count];
            _add[count] = state.TakeTouched(tokens[count]);
        }

        return count;
    }

    private void Apply(SourceExchange source, ExchangePhase phase, State state, Tensor rows, ReadOnlySpan<float> weightGradients)
    {
        _context.Link.Accumulate(rows, _tokens.AsSpan(0, rows.Rows), _add.AsSpan(0, rows.Rows), source.Combined(phase));
        state.RowsLeft -= rows.Rows;
        source.CountCombined(phase, rows.Rows);
        if (phase == ExchangePhase.Forward)
        {
            return;
        }

        for (int r = 0; r < rows.Rows; r++)
        {
            Span<float> sums = source.WeightGradients.RowSpan<float>(_tokens[r]);
            for (int k = 0; k < sums.Length; k++)
            {
                sums[k] += weightGradients[(r * sums.Length) + k];
            }
        }
    }

    /// <summary>
    /// Complete also means that the own node's turn has come, though it may hold none of the tokens: whoever hears of it may
    /// lay down the exchange's next use, and this channel must not meet the last use's messages then.
    /// </summary>
    private void FinishIfComplete(int exchange, ExchangePhase phase, State state)
    {
        if (state.IsOpen && state.OwnEnded && state.RowsLeft == 0)
        {
            state.IsOpen = false;
            _context.TellCombined(exchange, phase);
        }
    }

    private State StateOf(int exchange, ExchangePhase phase) => _states[(2 * exchange) + (int)phase];

    /// <summary>How far the sums of one exchange's tokens are.</summary>
    private sealed class State
    {
        private ulong[] _nodesLeft = [];
        private bool[] _touched = [];

        public int FirstToken { get; private set; }

        public int Tokens { get; private set; }

        /// <summary>Rows that are still to be added.</summary>
        public int RowsLeft { get; set; }

        public int OwnRowsApplied { get; set; }

        /// <summary>Whether the own node's sums have been read.</summary>
        public bool OwnEnded { get; set; }

        public bool IsOpen { get; set; }

        public void Begin(ExchangeLayout layout, int channel)
        {
            FirstToken = layout.FirstToken(channel);
            Tokens = layout.FirstToken(channel + 1) - FirstToken;
            if (_nodesLeft.Length < Tokens)
            {
                int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Tokens);
                (_nodesLeft, _touched) = (new ulong[capacity], new bool[capacity]);
            }

            RowsLeft = 0;
            IsOpen = true;
            OwnEnded = false;
            for (int t = 0; t < Tokens; t++)
            {
                _nodesLeft[t] = layout.NodesOfToken(FirstToken + t);
                _touched[t] = false;
                RowsLeft += BitOperations.PopCount(_nodesLeft[t]);
            }
        }

        /// <summary>The nodes whose sums a token still waits for.</summary>
        public ref ulong NodesLeft(int token) => ref _nodesLeft[token - FirstToken];

        /// <summary>Whether the token's row already holds a sum; from now on it does.</summary>
        public bool TakeTouched(int token)
        {
            bool touched = _touched[token - FirstToken];
            _touched[token - FirstToken] = true;
            return touched;
        }
    }
}
