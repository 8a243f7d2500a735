using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Fabric;

/// <summary>
/// The expert shard of a rank: makes room for an exchange's rows once it knows all counts, tells its stage when they are
/// there, computes when the stage's order of components reaches it, and hands the partial sums back to the channels.
/// </summary>
public sealed class ExpertShardActor : UntypedActor
{
    private readonly int _rank;
    private readonly FabricMemory _memory;
    private readonly TensorPool _pool;
    private readonly IExpertWork _work;
    private readonly State[] _states;
    private readonly int _writers;
    private readonly MessageCache<ReceiverReady> _receiverReady;
    private readonly MessageCache<PartialsReady> _partialsReady;
    private readonly MessageCache<RowsArrived> _rowsArrived;
    private readonly MessageCache<WorkDone> _done;
    private readonly MessageCache<WorkDone> _weightsDone;
    private GroupAddresses? _addresses;

    /// <summary>Makes the shard; it works once it was told the <see cref="GroupAddresses"/>.</summary>
    /// <param name="rank">Rank in the group.</param>
    /// <param name="memory">Data plane of the group.</param>
    /// <param name="pool">Lends the windows' memory.</param>
    /// <param name="work">What the experts compute.</param>
    public ExpertShardActor(int rank, FabricMemory memory, TensorPool pool, IExpertWork work)
    {
        _rank = rank;
        _memory = memory;
        _pool = pool;
        _work = work;
        _writers = memory.Shape.RanksPerNode * memory.Settings.Channels;
        _states = new State[memory.Exchanges];
        for (int exchange = 0; exchange < _states.Length; exchange++)
        {
            _states[exchange] = new State();
        }

        _receiverReady = new(memory.Exchanges, (exchange, phase) => new ReceiverReady(exchange, phase, rank));
        _partialsReady = new(memory.Exchanges, (exchange, phase) => new PartialsReady(exchange, phase, rank));
        _rowsArrived = new(memory.Exchanges, static (exchange, phase) => new RowsArrived(exchange, phase));
        _done = new(memory.Exchanges, (exchange, phase) => new WorkDone(this, new ExpertsDone(exchange, phase)));
        _weightsDone = new(memory.Exchanges, (exchange, _) => new WorkDone(this, new ExpertWeightsDone(exchange)));
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
            throw new RankPartException($"expert shard, {message.GetType().Name}", failure);
        }
    }

    /// <inheritdoc/>
    protected override void PostStop() => _work.Dispose();

    private void Handle(object message)
    {
        switch (message)
        {
            case GroupAddresses addresses:
                _addresses = addresses;
                break;
            case HeaderArrived header:
                _states[header.Exchange].Headers++;
                TryOpen(header.Exchange);
                break;
            case PrepareBackward prepare:
                OpenBackward(prepare.Exchange);
                break;
            case ChannelDelivered delivered:
                Delivered(delivered.Exchange, delivered.Phase);
                break;
            case RunExperts run:
                Run(run.Exchange, run.Phase);
                break;
            case RunExpertWeights run:
                _work.BackwardWeights(run.Exchange);
                _work.Stream.Notify(_weightsDone[run.Exchange, ExchangePhase.Backward]);
                break;
            case StartCombine start:
                TellChannels(_partialsReady[start.Exchange, start.Phase]);
                break;
            case PartialsRead read:
                PartialsRead(read.Exchange, read.Phase);
                break;
            case WorkFailed failed:
                throw new InvalidOperationException(failed.Reason);
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>Opens the window when every header is there and the exchange's memory of the step before was given back.</summary>
    private void TryOpen(int exchange)
    {
        State state = _states[exchange];
        if (state.Headers < _memory.Shape.Ranks || state.IsOpen[0])
        {
            return;
        }

        state.Headers -= _memory.Shape.Ranks;
        GroupShape shape = _memory.Shape;
        ReceiveWindow window = _memory.Window(_rank, exchange);
        window.CloseHeaders();
        int rows = window.TotalRows;
        window.SetForward(
            _pool.Rent(rows, shape.Columns, shape.RowType),
            _pool.Rent(rows, shape.Columns, shape.RowType),
            _pool.Rent(rows, shape.Choices, ElementType.Int32),
            _pool.Rent(rows, shape.Choices));
        Open(state, exchange, ExchangePhase.Forward);
    }

    private void OpenBackward(int exchange)
    {
        GroupShape shape = _memory.Shape;
        ReceiveWindow window = _memory.Window(_rank, exchange);
        window.SetBackward(
            _pool.Rent(window.TotalRows, shape.Columns, shape.RowType),
            _pool.Rent(window.TotalRows, shape.Columns, shape.RowType),
            _pool.Rent(window.TotalRows, shape.Choices));
        Open(_states[exchange], exchange, ExchangePhase.Backward);
    }

    private void Open(State state, int exchange, ExchangePhase phase)
    {
        state.IsOpen[(int)phase] = true;
        state.Undelivered[(int)phase] = _writers;
        state.Unread[(int)phase] = _writers;
        TellChannels(_receiverReady[exchange, phase]);
    }

    private void Delivered(int exchange, ExchangePhase phase)
    {
        if (--_states[exchange].Undelivered[(int)phase] == 0)
        {
            _addresses!.Stages[_rank].Tell(_rowsArrived[exchange, phase], Self);
        }
    }

    private void Run(int exchange, ExchangePhase phase)
    {
        ReceiveWindow window = _memory.Window(_rank, exchange);
        if (phase == ExchangePhase.Forward)
        {
            _work.Forward(exchange, window);
        }
        else
        {
            _work.BackwardInput(exchange, window);
        }

        _work.Stream.Notify(_done[exchange, phase]);
    }

    private void PartialsRead(int exchange, ExchangePhase phase)
    {
        State state = _states[exchange];
        if (--state.Unread[(int)phase] > 0)
        {
            return;
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

    private void TellChannels(object message)
    {
        int node = _memory.Shape.NodeOf(_rank);
        for (int local = 0; local < _memory.Shape.RanksPerNode; local++)
        {
            IReadOnlyList<IActorRef> channels = _addresses!.Channels[_memory.Shape.RankAt(node, local)];
            for (int channel = 0; channel < channels.Count; channel++)
            {
                channels[channel].Tell(message, Self);
            }
        }
    }

    private sealed record WorkFailed(string Reason) : INoSerializationVerificationNeeded;

    /// <summary>Tells the stage when the device has run the experts.</summary>
    private sealed class WorkDone(ExpertShardActor shard, object message) : IStreamCompletion
    {
        private readonly IActorRef _self = shard.Self;
        private readonly IActorRef _stage = shard._addresses!.Stages[shard._rank];

        public void Completed(Exception? failure)
        {
            if (failure is null)
            {
                _stage.Tell(message, _self);
            }
            else
            {
                _self.Tell(new WorkFailed(failure.Message), _self);
            }
        }
    }

    private sealed class State
    {
        public int Headers { get; set; }

        public bool[] IsOpen { get; } = new bool[2];

        public int[] Undelivered { get; } = new int[2];

        public int[] Unread { get; } = new int[2];
    }
}
