using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Fabric.Experts;

/// <summary>
/// The expert shard of a rank: computes with the rank's experts when the order of components of its stage reaches them. It does
/// nothing else, so that only the stage that started the work waits for it.
/// </summary>
public sealed class ExpertShardActor : UntypedActor
{
    private readonly int _rank;
    private readonly NodeFabric _memory;
    private readonly IExpertWork _work;
    private readonly MessageCache<WorkDone> _done;
    private readonly MessageCache<WorkDone> _weightsDone;
    private GroupAddresses? _addresses;

    /// <summary>Makes the shard; it works once it was told the <see cref="GroupAddresses"/>.</summary>
    /// <param name="rank">Rank in the group.</param>
    /// <param name="memory">The node's places.</param>
    /// <param name="work">What the experts compute.</param>
    public ExpertShardActor(int rank, NodeFabric memory, IExpertWork work)
    {
        _rank = rank;
        _memory = memory;
        _work = work;
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
                Sender.Tell(AddressesTaken.Instance, Self);
                break;
            case RunExperts run:
                Run(run.Exchange, run.Phase);
                break;
            case RunExpertWeights run:
                _work.BackwardWeights(run.Exchange);
                End(_weightsDone[run.Exchange, ExchangePhase.Backward]);
                break;
            case WorkFailed failed:
                throw new InvalidOperationException(failed.Reason);
            default:
                Unhandled(message);
                break;
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

        End(_done[exchange, phase]);
    }

    private void End(WorkDone done)
    {
        if (_work.IsOrdered)
        {
            done.Completed(null);
        }
        else
        {
            _work.Stream.Notify(done);
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
}
