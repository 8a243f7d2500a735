using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;

namespace Actors.Runtime.Fabric.Experts;

/// <summary>
/// The place on one shard where the rows of one exchange land, ordered by source rank, then by token. Headers come first, so
/// that every writer knows its rows' final places and arrival order never matters. Owned by the rank's window and shard; the node's channels write rows between <see cref="ReceiverReady"/> and <see cref="ChannelDelivered"/> and
/// read partial sums between <see cref="PartialsReady"/> and <see cref="PartialsRead"/>.
/// </summary>
public sealed class ReceiveWindow
{
    private readonly int _channels;
    private readonly int[] _counts;
    private readonly int[] _bases;
    private readonly Tensor[] _rows = new Tensor[2];
    private readonly Tensor[] _partials = new Tensor[2];
    private readonly int[] _arrived = new int[2];
    private int _headers;

    /// <summary>Makes a window for a group whose ranks have <paramref name="channels"/> channels.</summary>
    public ReceiveWindow(GroupShape shape, int channels)
    {
        _channels = channels;
        _counts = new int[shape.Ranks * channels];
        _bases = new int[(shape.Ranks * channels) + 1];
    }

    /// <summary>Rows of all sources.</summary>
    public int TotalRows { get; private set; }

    /// <summary>Choices on this shard of each row, Int32 (rows, Choices): local expert number, −1 for another rank's.</summary>
    public HostTensor LocalExperts { get; private set; }

    /// <summary>Weights of the choices (rows, Choices), 0 for another rank's.</summary>
    public HostTensor Weights { get; private set; }

    /// <summary>Backward: gradients of the weights (rows, Choices), 0 for another rank's.</summary>
    public HostTensor WeightGradients { get; private set; }

    /// <summary>Ranks whose counts have come since the window was last opened: 0 once all are there. Read by anyone, to tell people.</summary>
    public int HeadersArrived => Volatile.Read(ref _headers);

    /// <summary>Rows that have been written so far. Read by anyone, to tell people.</summary>
    public int RowsArrived(ExchangePhase phase) => Volatile.Read(ref _arrived[(int)phase]);

    /// <summary>Received rows (rows, as many as <see cref="GroupShape.Sent"/> has), of that form.</summary>
    public Tensor Rows(ExchangePhase phase) => _rows[(int)phase];

    /// <summary>Sums over this shard's experts (rows, Columns).</summary>
    public Tensor Partials(ExchangePhase phase) => _partials[(int)phase];

    /// <summary>Takes the counts of one source: the header.</summary>
    public void TakeHeader(int source, ReadOnlySpan<int> rowsByChannel)
    {
        rowsByChannel.CopyTo(_counts.AsSpan(source * _channels, _channels));
        Volatile.Write(ref _headers, _headers + 1);
    }

    /// <summary>Works out the places of all rows once every header is there.</summary>
    public void CloseHeaders()
    {
        int total = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            _bases[i] = total;
            total += _counts[i];
        }

        _bases[^1] = total;
        TotalRows = total;
        Volatile.Write(ref _headers, 0);
    }

    /// <summary>Place of the first row that comes from a source through a channel, sources one after the other.</summary>
    public ReadOnlySpan<int> FirstRows => _bases.AsSpan(0, _counts.Length);

    /// <summary>Rows that come from <paramref name="source"/>.</summary>
    public int RowsFrom(int source) => _bases[(source + 1) * _channels] - _bases[source * _channels];

    /// <summary>Lays the tensors of the forward down: rows, partial sums (TotalRows, Columns), choices and weights.</summary>
    public void SetForward(Tensor rows, Tensor partials, HostTensor localExperts, HostTensor weights)
    {
        (_rows[0], _partials[0], LocalExperts, Weights) = (rows, partials, localExperts, weights);
        _arrived[0] = 0;
    }

    /// <summary>Lays the tensors of the backward down.</summary>
    public void SetBackward(Tensor rows, Tensor partials, HostTensor weightGradients)
    {
        (_rows[1], _partials[1], WeightGradients) = (rows, partials, weightGradients);
        _arrived[1] = 0;
    }

    /// <summary>Counts rows that a channel has written; several channels write at once.</summary>
    internal void CountArrived(ExchangePhase phase, int rows) => Interlocked.Add(ref _arrived[(int)phase], rows);
}
