using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Devices;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Pipeline.Exchanges;
using Akka.Actor;

namespace Actors.LoadTests.Routing.Devices;

/// <summary>
/// A rank whose rows are moved by its device. Each exchange is a step of one layer, begun and ended as a stage does. By marks exchanges go on beside each other as
/// parts are told; by flags all of an exchange is enqueued before any of the next, in the order of starts, which all ranks get alike.
/// </summary>
internal sealed class DeviceRankActor : RankActor
{
    private readonly int _rank;
    private readonly DevicePlane _plane;
    private readonly Queue<int> _waiting = new();
    private DeviceExchange[] _exchanges = [];
    private LaneRun[] _runs = [];
    private ExchangeStarter? _starter;
    private bool _enqueues;

    public DeviceRankActor(int rank, DevicePlane plane)
        : base(plane.Options.UnderWay) => (_rank, _plane) = (rank, plane);

    protected override bool Handle(object message)
    {
        switch (message)
        {
            case PartEnqueued part:
                if (_exchanges[part.Exchange].Hear(part) is not null)
                {
                    AllEnqueued(part.Exchange, part.Part);
                }

                return true;
            case ExpertsDone done:
                Computed(done.Exchange);
                return true;
            case LaneHasRun run:
                Ended(run.Exchange);
                return true;
            case LaneFailed failed:
                throw new InvalidOperationException(failed.Reason);
            default:
                return false;
        }
    }

    protected override void Start(int exchange)
    {
        if (_enqueues)
        {
            _waiting.Enqueue(exchange);
        }
        else
        {
            Begin(exchange);
        }
    }

    protected override void Connect(GroupAddresses addresses)
    {
        _starter = new ExchangeStarter(_rank, _plane.Fabric, addresses, TimeProvider.System, Self);
        int exchanges = _plane.Options.UnderWay;
        _exchanges = [.. Enumerable.Range(0, exchanges).Select(exchange => _plane.Lane(_rank, exchange).Connect(addresses, Self))];
        _runs = [.. Enumerable.Range(0, exchanges).Select(exchange => new LaneRun(Self, exchange))];
    }

    private void Begin(int exchange)
    {
        DeviceExchange moves = _exchanges[exchange];
        DeviceLane lane = _plane.Lane(_rank, exchange);
        moves.Begin(StepMode.Evaluate, lane.MaxTokens);
        moves.GoOnAtOnce(isWanted: true);
        lane.Batch.ChooseExperts(lane.Stream);
        moves.Dispatch(exchange, lane.Batch.Layer);
        if (moves.GoesOnAtOnce)
        {
            _enqueues = true;
            RunExperts(exchange);
        }
    }

    private void AllEnqueued(int exchange, ExchangePart part)
    {
        switch (part)
        {
            case ExchangePart.Rows:
                RunExperts(exchange);
                break;
            case ExchangePart.Sums:
                EndStep(exchange);
                break;
        }
    }

    private void RunExperts(int exchange)
    {
        _exchanges[exchange].TakeRows(exchange, ExchangePhase.Forward);
        _starter!.RunExperts(exchange, ExchangePhase.Forward);
    }

    private void Computed(int exchange)
    {
        _exchanges[exchange].Combine(exchange, ExchangePhase.Forward);
        if (!_exchanges[exchange].GoesOnAtOnce)
        {
            return;
        }

        EndStep(exchange);
        _enqueues = false;
        if (_waiting.TryDequeue(out int next))
        {
            Begin(next);
        }
    }

    private void EndStep(int exchange)
    {
        _exchanges[exchange].TakeSums(exchange, ExchangePhase.Forward);
        _exchanges[exchange].End();
        _plane.Lane(_rank, exchange).Stream.Notify(_runs[exchange]);
    }

    private void Ended(int exchange)
    {
        _exchanges[exchange].Ended();
        _plane.Lane(_rank, exchange).Ended(_exchanges[exchange].Totals);
        End(exchange);
    }

    private sealed record LaneHasRun(int Exchange) : INoSerializationVerificationNeeded;

    private sealed record LaneFailed(string Reason) : INoSerializationVerificationNeeded;

    /// <summary>Tells the rank when its device has run all of an exchange.</summary>
    private sealed class LaneRun(IActorRef rank, int exchange) : Tensors.IStreamCompletion
    {
        private readonly LaneHasRun _hasRun = new(exchange);

        public void Completed(Exception? failure) => rank.Tell(failure is null ? _hasRun : new LaneFailed(failure.Message), rank);
    }
}
