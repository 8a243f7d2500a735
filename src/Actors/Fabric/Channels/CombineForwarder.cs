using Actors.Runtime.Fabric.Experts;
using Actors.Runtime.Fabric.Links;
using Actors.Tensors;

namespace Actors.Runtime.Fabric.Channels;

/// <summary>
/// A channel's third role: sums what the shards of its node computed for each token, in rank order, reading their partial
/// sums over the fast hop, and sends one row a token over the slow hop back to its source. Sums for the own rank's tokens are
/// left to the <see cref="CombineReceiver"/>.
/// </summary>
internal sealed class CombineForwarder
{
    private readonly ChannelContext _context;
    private readonly DispatchForwarder _dispatch;
    private readonly CombineReceiver _receiver;
    private readonly SendQueue?[] _queues;
    private readonly ByPhase<int> _readyCount;
    private readonly ByPhase<int> _sourcesLeft;
    private readonly ByPhase<long> _lastStart;
    private readonly Tensor[] _parts;

    public CombineForwarder(ChannelContext context, DispatchForwarder dispatch, CombineReceiver receiver)
    {
        _context = context;
        _dispatch = dispatch;
        _receiver = receiver;
        _queues = new SendQueue?[context.Shape.Nodes];
        for (int node = 0; node < _queues.Length; node++)
        {
            _queues[node] = node == context.Node
                ? null
                : new SendQueue(context.Memory.Exchanges, context.Memory.Settings.SlotsPerRing, context.Traffic);
        }

        _readyCount = new(context.Memory.Exchanges);
        _sourcesLeft = new(context.Memory.Exchanges);
        _lastStart = new(context.Memory.Exchanges);
        _parts = new Tensor[context.Shape.RanksPerNode];
    }

    public void PartialsReady(int exchange, ExchangePhase phase, long started)
    {
        ref long lastStart = ref _lastStart[exchange, phase];
        lastStart = Math.Max(lastStart, started);
        ref int ready = ref _readyCount[exchange, phase];
        if (++ready < _context.Shape.RanksPerNode)
        {
            return;
        }

        ready = 0;
        _sourcesLeft[exchange, phase] = _context.Shape.Nodes;
        for (int step = 1; step < _queues.Length; step++)
        {
            int node = (_context.Node + step) % _queues.Length;
            if (_dispatch.Routes(exchange, node).Count == 0)
            {
                SourceEnded(exchange, phase);
                continue;
            }

            _queues[node]!.Enqueue(exchange, phase, lastStart);
            Send(node);
        }

        long start = lastStart;
        lastStart = 0;
        _receiver.OwnNodeReady(exchange, phase, start);
    }

    public void Credit(int node, int slot)
    {
        _queues[node]!.ReturnCredit(slot);
        Send(node);
    }

    /// <summary>All rows of one source have been read; after the last source the shards may reuse their partial sums.</summary>
    public void SourceEnded(int exchange, ExchangePhase phase)
    {
        int left = --_sourcesLeft[exchange, phase];

        // Below 0 a shard's sums would be overwritten while a source still reads them.
        if (left < 0)
        {
            throw new InvalidOperationException($"Exchange {exchange} ({phase}): sums were read for more nodes than there are.");
        }

        if (left == 0)
        {
            _context.TellPartialsRead(exchange, phase);
        }
    }

    /// <summary>Sums rows of one source, in order, into <paramref name="destination"/>.</summary>
    /// <param name="exchange">The exchange.</param>
    /// <param name="phase">Its phase.</param>
    /// <param name="sourceNode">The source's node, which names its routes.</param>
    /// <param name="first">First row in the order of that source's rows through this channel.</param>
    /// <param name="destination">(rows, Columns).</param>
    /// <param name="weightGradients">Backward: output (rows, Choices).</param>
    public void Sum(int exchange, ExchangePhase phase, int sourceNode, int first, Tensor destination, Span<float> weightGradients)
    {
        for (int local = 0; local < _parts.Length; local++)
        {
            _parts[local] = _context.Memory.Window(_context.Shape.RankAt(_context.Node, local), exchange).Partials(phase);
        }

        ReadOnlySpan<int> routes = _dispatch.Routes(exchange, sourceNode).Rows(first, destination.Rows);
        _context.Link.Sum(_parts, routes, destination);
        int read = 0;
        foreach (int row in routes)
        {
            read += row >= 0 ? 1 : 0;
        }

        _context.CountFast(read, _context.Shape.Returned);
        if (phase == ExchangePhase.Backward)
        {
            SumWeightGradients(exchange, routes, weightGradients);
        }
    }

    private void Send(int node)
    {
        SendQueue queue = _queues[node]!;
        while (queue.CanSend())
        {
            SendChunk(node, queue);
        }
    }

    private void SendChunk(int node, SendQueue queue)
    {
        (int exchange, ExchangePhase phase, long started) = queue.First;
        int total = _dispatch.Routes(exchange, node).Count;
        int first = queue.RowsSent;
        int rows = Math.Min(_context.Memory.Settings.ChunkRows, total - first);
        int slot = queue.TakeCredit();
        Ring ring = _context.Memory.RingOf(RingKind.Combine, _context.PeerOn(node), _context.Channel, _context.Node);
        Sum(exchange, phase, node, first, ring.Rows(slot, phase).RowRange(0, rows), ring.Weights(slot));
        queue.RowsSent += rows;
        bool last = queue.RowsSent == total;
        ring.Header(slot) = new SlotHeader { Exchange = exchange, Phase = phase, FirstRow = first, Rows = rows, LastStart = started, Last = last };
        _context.CountSlow(rows, _context.Shape.Returned);
        if (last)
        {
            // Told before the last chunk: whoever hears that the combine is complete may rely on the shards having been told.
            queue.DropFirst();
            SourceEnded(exchange, phase);
        }

        _context.TellPeer(node, ring.Arrived(slot));
    }

    private void SumWeightGradients(int exchange, ReadOnlySpan<int> routes, Span<float> sums)
    {
        int choices = _context.Shape.Choices, ranks = _parts.Length;
        sums[..(routes.Length / ranks * choices)].Clear();
        for (int local = 0; local < ranks; local++)
        {
            ReceiveWindow window = _context.Memory.Window(_context.Shape.RankAt(_context.Node, local), exchange);
            if (window.TotalRows == 0)
            {
                continue;
            }

            ReadOnlySpan<float> gradients = window.WeightGradients.AsSpan<float>();
            for (int r = 0; r < routes.Length / ranks; r++)
            {
                int row = routes[(r * ranks) + local];
                for (int k = 0; row >= 0 && k < choices; k++)
                {
                    sums[(r * choices) + k] += gradients[(row * choices) + k];
                }
            }
        }
    }
}
