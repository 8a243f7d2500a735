using Akka.Actor;

namespace Actors.Runtime.Fabric;

/// <summary>A stage's side of its exchanges: tells windows, channels and the shard what to begin, in the order of the stage's program.</summary>
public sealed class ExchangeStarter
{
    private readonly int _rank;
    private readonly NodeFabric _memory;
    private readonly GroupAddresses _group;
    private readonly TimeProvider _time;
    private readonly IActorRef _stage;
    private readonly MessageCache<StartDispatch> _startDispatch;
    private readonly MessageCache<HeaderArrived>[] _headers;
    private readonly MessageCache<PrepareBackward> _prepareBackward;
    private readonly MessageCache<RunExperts> _runExperts;
    private readonly MessageCache<RunExpertWeights> _runExpertWeights;
    private readonly MessageCache<PartialsReady> _partialsReady;

    /// <summary>Makes the stage's side.</summary>
    /// <param name="rank">Rank in the group.</param>
    /// <param name="memory">The node's places.</param>
    /// <param name="group">Where the group's actors live.</param>
    /// <param name="time">The run's clock.</param>
    /// <param name="stage">Who tells.</param>
    public ExchangeStarter(int rank, NodeFabric memory, GroupAddresses group, TimeProvider time, IActorRef stage)
    {
        ArgumentNullException.ThrowIfNull(memory);
        (_rank, _memory, _group, _time, _stage) = (rank, memory, group, time, stage);
        _startDispatch = new(memory.Exchanges, static (exchange, phase) => new StartDispatch(exchange, phase));
        _headers = [.. Enumerable.Range(0, memory.Shape.Ranks).Select(_ => new MessageCache<HeaderArrived>(
            memory.Exchanges, (exchange, _) => new HeaderArrived(exchange, rank, memory.Settings.Channels)))];
        _prepareBackward = new(memory.Exchanges, static (exchange, _) => new PrepareBackward(exchange));
        _runExperts = new(memory.Exchanges, static (exchange, phase) => new RunExperts(exchange, phase));
        _runExpertWeights = new(memory.Exchanges, static (exchange, _) => new RunExpertWeights(exchange));
        _partialsReady = new(memory.Exchanges, (exchange, phase) => new PartialsReady(exchange, phase, rank));
    }

    /// <summary>Begins a forward dispatch of the rows set by <see cref="SourceExchange.SetForward"/>: counts go to every rank's window, then the channels send.</summary>
    /// <returns>When it began, in ticks of the run's clock.</returns>
    public long Dispatch(int exchange)
    {
        SourceExchange source = _memory.Source(_rank, exchange);
        long now = _time.GetTimestamp();
        for (int rank = 0; rank < _memory.Shape.Ranks; rank++)
        {
            HeaderArrived header = _headers[rank][exchange, ExchangePhase.Forward];
            source.Layout.RowsForRank(rank).CopyTo(header.RowsByChannel);
            _group.Windows[rank].Tell(header, _stage);
        }

        return Send(exchange, ExchangePhase.Forward, now);
    }

    /// <summary>Begins a dispatch of the gradients set by <see cref="SourceExchange.SetBackward"/>, with the counts of the forward.</summary>
    /// <returns>When it began, in ticks of the run's clock.</returns>
    public long DispatchGradients(int exchange)
    {
        long now = _time.GetTimestamp();
        _group.Windows[_rank].Tell(_prepareBackward[exchange, ExchangePhase.Backward], _stage);
        return Send(exchange, ExchangePhase.Backward, now);
    }

    /// <summary>Lets the shard compute outputs (forward) or input gradients (backward).</summary>
    public void RunExperts(int exchange, ExchangePhase phase) => _group.Shards[_rank].Tell(_runExperts[exchange, phase], _stage);

    /// <summary>Lets the shard compute weight gradients.</summary>
    public void RunExpertWeights(int exchange) =>
        _group.Shards[_rank].Tell(_runExpertWeights[exchange, ExchangePhase.Backward], _stage);

    /// <summary>Lets the channels of the node read the partial sums that the shard has computed.</summary>
    /// <returns>When it began, in ticks of the run's clock.</returns>
    public long Combine(int exchange, ExchangePhase phase)
    {
        PartialsReady ready = _partialsReady[exchange, phase];
        ready.LastStart = _time.GetTimestamp();
        _group.TellNode(_memory.Shape, _rank, ready, _stage);
        return ready.LastStart;
    }

    private long Send(int exchange, ExchangePhase phase, long now)
    {
        StartDispatch start = _startDispatch[exchange, phase];
        start.LastStart = now;
        _group.TellChannels(_rank, start, _stage);
        return now;
    }
}
