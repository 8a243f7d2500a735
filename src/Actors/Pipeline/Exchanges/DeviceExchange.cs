using Actors.Model.Layers;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Channels;
using Actors.Runtime.Fabric.Devices;
using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Pipeline.Exchanges;

/// <summary>
/// The exchange of ranks whose memories their devices reach: each writes its rows into the windows of others and reads the sums there. That is done by a stream of
/// its own, beside the one that computes: rows move while the rank computes for another chunk. Stages tell each other what they have enqueued, and go on behind
/// each other's marks: no host reads a row or a number of rows within a step, and no thread waits. A stream waits only for marks that were recorded before, so
/// streams never wait in a circle. Windows are the group's, see <see cref="GroupWindows"/>.
/// </summary>
internal sealed class DeviceExchange : IRowExchange, IDisposable
{
    private readonly IExchangeRank _rank;
    private readonly GroupWindows _windows;
    private readonly StageClock _clock;
    private readonly PeerParts _parts;
    private readonly TokenPlaces?[] _places;
    private readonly Stack<TokenPlaces> _freePlaces = [];
    private readonly List<TokenPlaces> _allPlaces = [];
    private readonly Stack<int> _freeNumbers = [];
    private readonly IStream _moving;
    private readonly StreamMark _computed;
    private readonly MessageCache<RowsArrived> _moved;
    private readonly List<(WindowRows All, WindowRows First)> _views = [];
    private readonly Arena _arena;
    private readonly Tensor _tally;
    private readonly HostTensor _read;
    private readonly FlagExchange? _flagged;
    private readonly TensorPool _pool;
    private readonly SentRows _sent;
    private StepMode _mode;
    private int _rows, _sortedRows;

    /// <summary>Makes the exchange of a rank; the windows free it, when no rank uses it any more.</summary>
    /// <param name="rank">The rank.</param>
    /// <param name="windows">The group's.</param>
    /// <param name="group">Where the group's stages live.</param>
    /// <param name="clock">Measures when the rank's device moves rows.</param>
    /// <param name="stage">The rank's stage.</param>
    public DeviceExchange(IExchangeRank rank, GroupWindows windows, GroupAddresses group, StageClock clock, IActorRef stage)
    {
        (_rank, _windows, _clock) = (rank, windows, clock);
        clock.MoveOnDevice();
        _parts = new PeerParts(rank, group, stage);
        _moving = rank.Backend.CreateStream($"rank {rank.Rank} exchange", isUrgent: true);
        _computed = rank.Backend.CreateMark();
        _places = new TokenPlaces?[rank.ExchangeCount];
        _moved = new(rank.ExchangeCount, static (exchange, phase) => new RowsArrived(exchange, phase));
        long bytes = Arena.Plan(1, Tally.Numbers, ElementType.Int32);
        _arena = new Arena(rank.Backend.For(MemoryKind.Rows), bytes, bytes);
        _tally = _arena.Take(1, Tally.Numbers, ElementType.Int32);
        _read = _arena.TakeHost(1, Tally.Numbers, ElementType.Int32);
        _pool = new TensorPool(rank.Backend.For(MemoryKind.Rows));
        _sent = new SentRows(windows.Shape, rank.Stream, _pool, rank.ExchangeCount);
        _flagged = windows.Flags is { } flags ? new FlagExchange(rank, windows, flags) : null;
        windows.Own(this);
    }

    public bool Moves => false;

    public ExchangeTotals Totals { get; private set; }

    /// <summary>Whether the present step's ranks wait for each other on their devices alone, so that its stages go on at once. All ranks of a group find the same.</summary>
    public bool GoesOnAtOnce { get; private set; }

    private GroupShape Shape => _windows.Shape;

    /// <summary>What computes.</summary>
    private IStream Stream => _rank.Stream;

    private int Rank => _rank.ExpertRank;

    /// <summary>Takes what a rank of the group tells of its part.</summary>
    /// <returns>Where it is the last: what the stage handles as rows that have come; else null.</returns>
    public RowsMoved? Hear(PartEnqueued part)
    {
        if (_parts.Hear(part) is not { } last)
        {
            return null;
        }

        RowsArrived moved = _moved[part.Exchange, part.Phase];
        moved.End = _rank.Time.GetTimestamp();
        // Rows have been under way since the last rank had counted its own.
        moved.LastStart = part is { Part: ExchangePart.Rows, Phase: ExchangePhase.Forward } ? moved.LastStart : last;
        switch (part.Part)
        {
            case ExchangePart.Counts:
                Push(part.Exchange);
                break;
            case ExchangePart.Sums:
                Collect(part.Exchange, part.Phase);
                break;
        }

        return moved;
    }

    /// <summary>What has not come yet, in words.</summary>
    public string Missing(int exchange, ExchangePhase phase, ExchangePart part)
    {
        string what = part == ExchangePart.Sums ? "sums" : phase == ExchangePhase.Forward ? "rows" : "gradient rows";
        return $"{_parts.CountOf(exchange, phase, part)} of {Shape.Ranks} ranks have enqueued their {what}";
    }

    /// <summary>Has a step that has begun wait for flags, where the group has them. All ranks of a group do the same.</summary>
    public void GoOnAtOnce(bool isWanted) => GoesOnAtOnce = isWanted && _flagged is not null;

    public void Begin(StepMode mode, int mostTokens)
    {
        _windows.Begin();
        (_mode, GoesOnAtOnce) = (mode, false);
        _rows = _windows.RowsFor(mostTokens);
        _sortedRows = _windows.SortedRowsFor(_rows);
        Stream.Zero(_tally);
    }

    public void Prepare(int exchange, ExchangePhase phase, LayerActivations layer)
    {
        if (!GoesOnAtOnce)
        {
            _sent.Prepare(exchange, phase, layer);
        }
    }

    public long? Dispatch(int exchange, LayerActivations layer)
    {
        if (GoesOnAtOnce)
        {
            _rank.Experts.Set(exchange, _flagged!.Dispatch(layer, _tally.ColumnRange(Tally.Nodes, Tally.OfFlags), _tally.ColumnRange(Tally.Sorted, 1)));
            return null;
        }

        TokenPlaces places = _places[exchange] ??= RentPlaces();
        Open(places, layer);
        WindowRows rows = places.Rows;
        _rank.Experts.Set(exchange, new ReceivedRows(
            rows.Rows[Rank], rows.Experts[Rank], _sortedRows, rows.Weights[Rank], rows.Partials[Rank], places.Received, _tally.ColumnRange(Tally.Sorted, 1)));
        Stream.CountDestinations(layer.Attention.Experts, Shape.ExpertsPerRank, places.Places, places.Windows.Counts.RowRange(Rank, 1));
        return _parts.Tell(Stream, exchange, ExchangePhase.Forward, ExchangePart.Counts);
    }

    public string? BeyondNodes(int exchange, int limit) => null;

    public long? DispatchGradients(int exchange, LayerActivations layer)
    {
        TokenPlaces places = _places[exchange]!;
        Open(places, layer);
        WindowRows rows = places.Rows;
        _rank.Experts.Set(exchange, new ReceivedGradients(rows.Gradients[Rank], rows.Partials[Rank], rows.Weights[Rank]));
        Stream.Record(_computed);
        _moving.Wait(_computed);
        _clock.MoveStarts(_moving);
        _moving.PushRows(_sent.Of(exchange, ExchangePhase.Backward, layer), places.Places, rows.Gradients);
        _clock.MoveEnds(_moving, exchange, ExchangePhase.Backward, isSums: false);
        return _parts.Tell(_moving, exchange, ExchangePhase.Backward, ExchangePart.Rows);
    }

    public void TakeRows(int exchange, ExchangePhase phase)
    {
        if (!GoesOnAtOnce)
        {
            _parts.Wait(Stream, exchange, phase, ExchangePart.Rows);
            _clock.Arrived();
        }
    }

    public long? Combine(int exchange, ExchangePhase phase)
    {
        if (GoesOnAtOnce)
        {
            _flagged!.Combine();
            return null;
        }

        return _parts.Tell(Stream, exchange, phase, ExchangePart.Sums);
    }

    public void TakeSums(int exchange, ExchangePhase phase)
    {
        if (GoesOnAtOnce)
        {
            _rank.Experts.Release(exchange);
            return;
        }

        TokenPlaces places = _places[exchange]!;
        Stream.Wait(places.Collected);
        _sent.Release(exchange, phase);
        _clock.Arrived();
        _freeNumbers.Push(places.Number);
        if (phase == ExchangePhase.Backward || _mode != StepMode.Train)
        {
            _freePlaces.Push(places);
            _places[exchange] = null;
        }

        if (_mode != StepMode.Train)
        {
            _rank.Experts.Release(exchange);
        }
    }

    public void End() => Stream.Copy(_tally, _read);

    public void Ended()
    {
        _flagged?.Check();
        ReadOnlySpan<int> tally = _read.RowSpan<int>(0);
        Totals = new ExchangeTotals(tally[Tally.Nodes], tally[Tally.AllNodes], _windows.End(tally[Tally.Received], tally[Tally.Sorted]));
        // Each row that was sent came back as a sum; and so did its gradient.
        long ways = 2, bytes = Shape.Sent(ExchangePhase.Forward).Bytes + Shape.Returned.Bytes;
        if (_mode == StepMode.Train)
        {
            ways += 2;
            bytes += Shape.Sent(ExchangePhase.Backward).Bytes + Shape.Returned.Bytes;
        }

        TrafficCounters traffic = _rank.Traffic;
        traffic.FastRows += ways * tally[Tally.Inside];
        traffic.FastBytes += bytes * tally[Tally.Inside];
        traffic.SlowRows += ways * tally[Tally.Beyond];
        traffic.SlowBytes += bytes * tally[Tally.Beyond];
        traffic.Messages += _parts.TakeTold();
    }

    public void Dispose()
    {
        _flagged?.Dispose();
        _allPlaces.ForEach(places => places.Dispose());
        _parts.Dispose();
        _computed.Dispose();
        _moving.Dispose();
        _pool.Dispose();
        _arena.Dispose();
    }

    /// <summary>Brings rows to their places, once all ranks have counted.</summary>
    private void Push(int exchange)
    {
        TokenPlaces places = _places[exchange]!;
        AttentionActivations a = places.Layer.Attention;
        _parts.Wait(_moving, exchange, ExchangePhase.Forward, ExchangePart.Counts);
        _clock.MoveStarts(_moving);
        _moving.PlaceRows(places.Windows.Counts, Rank, Shape.RanksPerNode, _rows, places.Places, places.Received, _tally.ColumnRange(0, Tally.OfPlaces));
        _moving.PushRows(_sent.Of(exchange, ExchangePhase.Forward, places.Layer), places.Places, places.Rows.Rows);
        _moving.PushChoices(a.Experts, a.ExpertWeights, Shape.ExpertsPerRank, places.Places, places.Rows.Experts, places.Rows.Weights);
        _clock.MoveEnds(_moving, exchange, ExchangePhase.Forward, isSums: false);
        _parts.Tell(_moving, exchange, ExchangePhase.Forward, ExchangePart.Rows);
    }

    /// <summary>Brings sums back, once the experts of all ranks have computed.</summary>
    private void Collect(int exchange, ExchangePhase phase)
    {
        TokenPlaces places = _places[exchange]!;
        LayerActivations layer = places.Layer;
        _parts.Wait(_moving, exchange, phase, ExchangePart.Sums);
        _clock.MoveStarts(_moving);
        _moving.CollectSums(places.Rows.Partials, places.Places, Shape.RanksPerNode, layer.Routed);
        if (phase == ExchangePhase.Backward)
        {
            AttentionActivations a = layer.Attention;
            _moving.CollectWeightGradients(places.Rows.Weights, a.Experts, Shape.ExpertsPerRank, places.Places, a.ExpertWeightGradient);
        }

        _clock.MoveEnds(_moving, exchange, phase, isSums: true);
        _moving.Record(places.Collected);
    }

    private void Open(TokenPlaces places, LayerActivations layer)
    {
        // All ranks of the group begin and end their exchanges in one order, so all take the same number.
        int number = _freeNumbers.TryPop(out int free) ? free : _views.Count;
        ExchangeWindows windows = _windows[number];
        if (number == _views.Count)
        {
            _views.Add(default);
        }

        if (_views[number].All != windows.All || _views[number].First.Rows[Rank].Rows != _rows)
        {
            _views[number] = (windows.All, windows.All.First(_rows));
        }

        places.Begin(layer, number, windows, _views[number].First);
    }

    private TokenPlaces RentPlaces()
    {
        if (_freePlaces.TryPop(out TokenPlaces? places))
        {
            return places;
        }

        places = new TokenPlaces(_rank.Backend.For(MemoryKind.Rows), _rank.MaxTokens, Shape.Ranks);
        _allPlaces.Add(places);
        return places;
    }

    /// <summary>What a rank counts on the device in a step: the numbers of PlaceRows, of which DispatchTokens counts three, then what its experts needed.</summary>
    private static class Tally
    {
        public const int Received = 0, Nodes = 1, Inside = 2, Beyond = 3, AllNodes = 4, OfPlaces = 5, OfFlags = 3, Sorted = OfPlaces, Numbers = 6;
    }
}
