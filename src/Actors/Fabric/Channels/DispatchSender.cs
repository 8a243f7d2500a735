using Actors.Runtime.Fabric.Links;

namespace Actors.Runtime.Fabric.Channels;

/// <summary>
/// A channel's first role: copies its range of the rank's tokens once to every other node that holds one of their experts,
/// to the rank with the same in-node index. A chunk needs a credit; without one the channel goes on with another node.
/// </summary>
internal sealed class DispatchSender
{
    private readonly ChannelContext _context;
    private readonly SendQueue?[] _queues;

    public DispatchSender(ChannelContext context)
    {
        _context = context;
        _queues = new SendQueue?[context.Shape.Nodes];
        for (int node = 0; node < _queues.Length; node++)
        {
            _queues[node] = node == context.Node
                ? null
                : new SendQueue(context.Memory.Exchanges, context.Memory.Settings.SlotsPerRing, context.Traffic);
        }
    }

    public void Start(int exchange, ExchangePhase phase, long started)
    {
        // Destinations are rotated, so that not every sender begins with the same receiver.
        for (int step = 1; step < _queues.Length; step++)
        {
            int node = (_context.Node + step) % _queues.Length;
            _queues[node]!.Enqueue(exchange, phase, started);
            Send(node);
        }
    }

    public void Credit(int node, int slot)
    {
        _queues[node]!.ReturnCredit(slot);
        Send(node);
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
        SourceExchange source = _context.Memory.Source(_context.Rank, exchange);
        ReadOnlySpan<int> tokens = source.Layout.TokensForNode(node, _context.Channel);
        int first = queue.RowsSent;
        int rows = Math.Min(_context.Memory.Settings.ChunkRows, tokens.Length - first);
        ReadOnlySpan<int> chunk = tokens.Slice(first, rows);

        int slot = queue.TakeCredit();
        Ring ring = _context.Memory.RingOf(RingKind.Dispatch, _context.PeerOn(node), _context.Channel, _context.Node);
        _context.Link.Gather(source.Rows(phase), chunk, ring.Rows(slot, phase).RowRange(0, rows));
        if (phase == ExchangePhase.Forward)
        {
            CopyChoices(source, chunk, ring, slot);
        }

        queue.RowsSent += rows;
        bool last = queue.RowsSent == tokens.Length;
        ring.Header(slot) = new SlotHeader { Exchange = exchange, Phase = phase, FirstRow = first, Rows = rows, LastStart = started, Last = last };
        if (last)
        {
            queue.DropFirst();
        }

        _context.CountSlow(rows, _context.Shape.Sent(phase));
        _context.TellPeer(node, ring.Arrived(slot));
    }

    private void CopyChoices(SourceExchange source, ReadOnlySpan<int> tokens, Ring ring, int slot)
    {
        int choices = _context.Shape.Choices;
        ReadOnlySpan<int> experts = source.Experts.AsSpan<int>();
        ReadOnlySpan<float> weights = source.Weights.AsSpan<float>();
        Span<int> toExperts = ring.Experts(slot);
        Span<float> toWeights = ring.Weights(slot);
        for (int r = 0; r < tokens.Length; r++)
        {
            experts.Slice(tokens[r] * choices, choices).CopyTo(toExperts[(r * choices)..]);
            weights.Slice(tokens[r] * choices, choices).CopyTo(toWeights[(r * choices)..]);
        }
    }
}
