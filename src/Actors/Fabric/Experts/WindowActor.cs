using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Fabric.Experts;

/// <summary>
/// The receiving side of a rank: makes room for an exchange's rows once it knows all counts, and tells the stage when they are
/// there. It computes nothing and runs beside the channels, so that neither waits for what the rank computes meanwhile.
/// </summary>
public sealed class WindowActor : UntypedActor
{
    private readonly int _rank;
    private readonly NodeFabric _memory;
    private readonly TensorPool _pool;
    private readonly State[] _states;
    private readonly int _writers;
    private readonly MessageCache<ReceiverReady> _receiverReady;
    private readonly MessageCache<RowsArrived> _rowsArrived;
    private GroupAddresses? _addresses;

    /// <summary>Makes the window; it works once it was told the <see cref="GroupAddresses"/>.</summary>
    /// <param name="rank">Rank in the group.</param>
    /// <param name="memory">The node's places.</param>
    /// <param name="pool">Where the rows' memory comes from.</param>
    public WindowActor(int rank, NodeFabric memory, TensorPool pool)
    {
        _rank = rank;
        _memory = memory;
        _pool = pool;
        _writers = memory.Shape.RanksPerNode * memory.Settings.Channels;
        _states = new State[memory.Exchanges];
        for (int exchange = 0; exchange < _states.Length; exchange++)
        {
            _states[exchange] = new State();
        }

        int places = memory.Shape.Ranks * memory.Settings.Channels;
        _receiverReady = new(memory.Exchanges, (exchange, phase) => new ReceiverReady(exchange, phase, rank, places));
        _rowsArrived = new(memory.Exchanges, static (exchange, phase) => new RowsArrived(exchange, phase));
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        try
        {
            Handle(message);
        }
        catch (Exception failure)
        {
            throw new RankPartException($"window, {message.GetType().Name}", failure);
        }
    }

    private void Handle(object message)
    {
        switch (message)
        {
            case GroupAddresses addresses:
                _addresses = addresses;
                Sender.Tell(AddressesTaken.Instance, Self);
                break;
            case HeaderArrived header:
                _memory.Window(_rank, header.Exchange).TakeHeader(header.Source, header.RowsByChannel);
                TryOpen(header.Exchange);
                break;
            case PrepareBackward prepare:
                OpenBackward(prepare.Exchange);
                break;
            case ChannelDelivered delivered:
                Delivered(delivered);
                break;
            case PartialsRead read:
                PartialsRead(read.Exchange, read.Phase);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>Opens the window when every header is there and the exchange's memory of the step before was given back.</summary>
    private void TryOpen(int exchange)
    {
        State state = _states[exchange];
        GroupShape shape = _memory.Shape;
        ReceiveWindow window = _memory.Window(_rank, exchange);
        if (window.HeadersArrived < shape.Ranks || state.IsOpen[0])
        {
            return;
        }

        window.CloseHeaders();
        window.FirstRows.CopyTo(_receiverReady[exchange, ExchangePhase.Forward].FirstRows);
        int rows = window.TotalRows;
        window.SetForward(
            Rent(rows, shape.Sent(ExchangePhase.Forward)),
            Rent(rows, shape.Returned),
            _pool.RentHost(rows, shape.Choices, ElementType.Int32),
            _pool.RentHost(rows, shape.Choices));
        Open(state, exchange, ExchangePhase.Forward);
    }

    private void OpenBackward(int exchange)
    {
        GroupShape shape = _memory.Shape;
        ReceiveWindow window = _memory.Window(_rank, exchange);
        window.SetBackward(
            Rent(window.TotalRows, shape.Sent(ExchangePhase.Backward)),
            Rent(window.TotalRows, shape.Returned),
            _pool.RentHost(window.TotalRows, shape.Choices));
        Open(_states[exchange], exchange, ExchangePhase.Backward);
    }

    private Tensor Rent(int rows, RowForm form) => _pool.Rent(rows, form.Columns, form.Type);

    private void Open(State state, int exchange, ExchangePhase phase)
    {
        state.IsOpen[(int)phase] = true;
        state.Undelivered[(int)phase] = _writers;
        state.Unread[(int)phase] = _writers;
        RowsArrived arrived = _rowsArrived[exchange, phase];
        (arrived.LastStart, arrived.End) = (0, 0);
        _addresses!.TellNode(_memory.Shape, _rank, _receiverReady[exchange, phase], Self);
    }

    private void Delivered(ChannelDelivered delivered)
    {
        RowsArrived arrived = _rowsArrived[delivered.Exchange, delivered.Phase];
        arrived.LastStart = Math.Max(arrived.LastStart, delivered.LastStart);
        arrived.End = Math.Max(arrived.End, delivered.End);
        ref int left = ref _states[delivered.Exchange].Undelivered[(int)delivered.Phase];

        // Each channel of the node delivers once between two openings: below 0 rows of the next use would be taken for this one's.
        if (--left < 0)
        {
            throw new InvalidOperationException($"Exchange {delivered.Exchange} ({delivered.Phase}): more channels have delivered than write here.");
        }

        if (left == 0)
        {
            _addresses!.Stages[_rank].Tell(arrived, Self);
        }
    }

    private void PartialsRead(int exchange, ExchangePhase phase)
    {
        State state = _states[exchange];
        if (--state.Unread[(int)phase] > 0)
        {
            return;
        }

        // All have read: below 0 the memory was given back before, and somebody else may hold it.
        if (state.Unread[(int)phase] < 0)
        {
            throw new InvalidOperationException($"Exchange {exchange} ({phase}): sums were read by more channels than there are.");
        }

        ReceiveWindow window = _memory.Window(_rank, exchange);
        _pool.Return(window.Rows(phase));
        _pool.Return(window.Partials(phase));
        if (phase == ExchangePhase.Forward)
        {
            _pool.Return(window.LocalExperts);
            _pool.Return(window.Weights);
        }
        else
        {
            _pool.Return(window.WeightGradients);
        }

        state.IsOpen[(int)phase] = false;
        TryOpen(exchange);
    }

    private sealed class State
    {
        public bool[] IsOpen { get; } = new bool[2];

        public int[] Undelivered { get; } = new int[2];

        public int[] Unread { get; } = new int[2];
    }
}
