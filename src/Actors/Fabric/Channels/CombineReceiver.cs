using System.Numerics;
using Actors.Runtime.Fabric.Layout;
using Actors.Runtime.Fabric.Links;
using Actors.Tensors;

namespace Actors.Runtime.Fabric.Channels;

/// <summary>
/// A channel's fourth role: adds the nodes' sums for its rank's tokens, in token order and for each token in node order, in
/// float32. Every ring brings its rows in token order too, so the next token's rows are at the rings' heads as soon as they
/// are there; a row whose token is not next waits in its slot. Each result is written once.
/// </summary>
internal sealed class CombineReceiver : IDisposable
{
    private readonly ChannelContext _context;
    private readonly SlotQueue[] _arrived;
    private readonly int[] _applied;
    private readonly ByPhase<CombineProgress?> _states;
    private readonly int[] _rows;
    private readonly int[] _taken;
    private readonly Tensor[] _parts;
    private readonly float[] _weightGradients;
    private readonly int _chunkRows;
    private readonly Arena _arena;
    private readonly Tensor _scratch;
    private CombineForwarder? _forwarder;

    public CombineReceiver(ChannelContext context, IBackend backend)
    {
        _context = context;
        _chunkRows = context.Memory.Settings.ChunkRows;
        int nodes = context.Shape.Nodes;
        _arrived = new SlotQueue[nodes];
        for (int node = 0; node < nodes; node++)
        {
            _arrived[node] = new SlotQueue(context.Memory.Settings.SlotsPerRing);
        }

        _states = new(context.Memory.Exchanges);

        _applied = new int[nodes];
        _taken = new int[nodes];
        _parts = new Tensor[nodes];
        _rows = new int[_chunkRows * nodes];
        _weightGradients = new float[_chunkRows * context.Shape.Choices];
        _arena = new Arena(backend, Arena.Plan(_chunkRows, context.Shape.Columns, context.Shape.RowType));
        _scratch = _arena.Take(_chunkRows, context.Shape.Columns, context.Shape.RowType);
    }

    /// <summary>Names the role that sums the own node's rows.</summary>
    public void Connect(CombineForwarder forwarder) => _forwarder = forwarder;

    /// <summary>Makes ready for what will come back; called before anything of the exchange is sent.</summary>
    public void Start(int exchange, ExchangePhase phase)
    {
        SourceExchange source = _context.Memory.Source(_context.Rank, exchange);
        ExchangeLayout layout = source.Layout;
        int first = layout.FirstToken(_context.Channel), end = layout.FirstToken(_context.Channel + 1);
        StateOf(exchange, phase).Begin(first, end);
        for (int token = first; phase == ExchangePhase.Backward && token < end; token++)
        {
            source.WeightGradients.RowSpan<float>(token).Clear();
        }
    }

    public void OwnNodeReady(int exchange, ExchangePhase phase, long lastStart)
    {
        CombineProgress state = StateOf(exchange, phase);
        state.OwnReady = true;
        state.LastStart = Math.Max(state.LastStart, lastStart);
        Advance(exchange, phase);
        AdvanceHeads();
    }

    public void Arrived(int node, int slot)
    {
        ref SlotHeader header = ref RingFrom(node).Header(slot);
        CombineProgress state = StateOf(header.Exchange, header.Phase);
        state.LastStart = Math.Max(state.LastStart, header.LastStart);
        bool isHead = _arrived[node].IsEmpty;
        _arrived[node].Enqueue(slot);
        if (isHead)
        {
            AdvanceHeads();
        }
    }

    public void Dispose() => _arena.Dispose();

    /// <summary>Advances the exchanges that have a slot at the head of a ring, until none moves.</summary>
    private void AdvanceHeads()
    {
        bool progress = true;
        while (progress)
        {
            progress = false;
            for (int node = 0; node < _arrived.Length; node++)
            {
                if (!_arrived[node].IsEmpty)
                {
                    SlotHeader header = HeaderAt(node);
                    progress |= Advance(header.Exchange, header.Phase);
                }
            }
        }
    }

    /// <summary>Adds every token of one exchange whose rows are all there; says whether there was any.</summary>
    private bool Advance(int exchange, ExchangePhase phase)
    {
        CombineProgress state = StateOf(exchange, phase);
        SourceExchange source = _context.Memory.Source(_context.Rank, exchange);
        bool progress = false;
        while (state.IsOpen)
        {
            int count = TakeRun(state, source.Layout, exchange, phase);
            if (count > 0)
            {
                progress = true;
                Sum(state, source, exchange, phase, count);
                state.NextToken += count;
            }

            EndOwn(state, source, exchange, phase);
            if (count == 0)
            {
                FinishIfComplete(state, exchange, phase);
                break;
            }
        }

        return progress;
    }

    /// <summary>
    /// Collects the rows of the next consecutive tokens, at most a chunk, as far as all of them lie in the slots at the heads:
    /// entry (token, node) is the row in that node's slot, or among the own node's sums, or −1. A token that went nowhere waits for
    /// nothing, and its sum is zero.
    /// </summary>
    private int TakeRun(CombineProgress state, ExchangeLayout layout, int exchange, ExchangePhase phase)
    {
        Array.Clear(_taken);
        int limit = Math.Min(_chunkRows, state.EndToken - state.NextToken);
        int count = 0;
        for (; count < limit; count++)
        {
            ulong nodes = layout.NodesOfToken(state.NextToken + count);
            if (!AllThere(nodes, state, exchange, phase))
            {
                break;
            }

            Span<int> rows = _rows.AsSpan(count * _arrived.Length, _arrived.Length);
            rows.Fill(-1);
            for (; nodes != 0; nodes &= nodes - 1)
            {
                int node = BitOperations.TrailingZeroCount(nodes);
                rows[node] = (node == _context.Node ? 0 : _applied[node]) + _taken[node]++;
            }
        }

        return count;
    }

    private bool AllThere(ulong nodes, CombineProgress state, int exchange, ExchangePhase phase)
    {
        for (; nodes != 0; nodes &= nodes - 1)
        {
            int node = BitOperations.TrailingZeroCount(nodes);
            if (node == _context.Node)
            {
                if (!state.OwnReady)
                {
                    return false;
                }

                continue;
            }

            if (_arrived[node].IsEmpty)
            {
                return false;
            }

            ref SlotHeader header = ref HeaderAt(node);
            if (header.Exchange != exchange || header.Phase != phase || _applied[node] + _taken[node] >= header.Rows)
            {
                return false;
            }
        }

        return true;
    }

    private void Sum(CombineProgress state, SourceExchange source, int exchange, ExchangePhase phase, int count)
    {
        for (int node = 0; node < _parts.Length; node++)
        {
            _parts[node] = _taken[node] == 0 ? default
                : node == _context.Node ? _scratch
                : RingFrom(node).Rows(_arrived[node].First, phase);
        }

        int own = _taken[_context.Node];
        if (own > 0)
        {
            _forwarder!.Sum(exchange, phase, _context.Node, state.OwnRowsRead, _scratch.RowRange(0, own), _weightGradients);
            state.OwnRowsRead += own;
        }

        ReadOnlySpan<int> rows = _rows.AsSpan(0, count * _parts.Length);
        _context.Link.Sum(_parts, rows, source.Combined(phase).RowRange(state.NextToken, count));
        source.CountCombined(phase, _taken.AsSpan());
        if (phase == ExchangePhase.Backward)
        {
            AddWeightGradients(source, state.NextToken, rows);
        }

        for (int node = 0; node < _taken.Length; node++)
        {
            if (node != _context.Node && _taken[node] > 0)
            {
                Release(node, _taken[node]);
            }
        }
    }

    private void AddWeightGradients(SourceExchange source, int firstToken, ReadOnlySpan<int> rows)
    {
        int nodes = _parts.Length;
        for (int i = 0; i < rows.Length; i++)
        {
            if (rows[i] < 0)
            {
                continue;
            }

            int node = i % nodes;
            ReadOnlySpan<float> gradients = node == _context.Node ? _weightGradients : RingFrom(node).Weights(_arrived[node].First);
            Span<float> sums = source.WeightGradients.RowSpan<float>(firstToken + (i / nodes));
            for (int k = 0; k < sums.Length; k++)
            {
                sums[k] += gradients[(rows[i] * sums.Length) + k];
            }
        }
    }

    /// <summary>Rows of the slot at a ring's head were read; when all were, the slot goes back.</summary>
    private void Release(int node, int rows)
    {
        _applied[node] += rows;
        if (_applied[node] == HeaderAt(node).Rows)
        {
            int slot = _arrived[node].First;
            _applied[node] = 0;
            _arrived[node].DropFirst();
            _context.TellPeer(node, RingFrom(node).Released(slot));
        }
    }

    private void EndOwn(CombineProgress state, SourceExchange source, int exchange, ExchangePhase phase)
    {
        if (state.OwnReady && !state.OwnEnded && state.OwnRowsRead == source.Layout.TokensForNode(_context.Node, _context.Channel).Length)
        {
            state.OwnEnded = true;
            _forwarder!.SourceEnded(exchange, phase);
        }
    }

    /// <summary>
    /// Complete also means that the own node's turn has come, though it may hold none of the tokens: whoever hears of it may
    /// lay down the exchange's next use, and this channel must not meet the last use's messages then.
    /// </summary>
    private void FinishIfComplete(CombineProgress state, int exchange, ExchangePhase phase)
    {
        if (state.OwnEnded && state.NextToken == state.EndToken)
        {
            state.IsOpen = false;
            _context.TellCombined(exchange, phase, state.LastStart);
        }
    }

    private Ring RingFrom(int node) => _context.Memory.RingOf(RingKind.Combine, _context.Rank, _context.Channel, node);

    private ref SlotHeader HeaderAt(int node) => ref RingFrom(node).Header(_arrived[node].First);

    private CombineProgress StateOf(int exchange, ExchangePhase phase) => _states[exchange, phase] ??= new CombineProgress();
}
