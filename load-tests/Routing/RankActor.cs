using System.Diagnostics;
using Actors.Runtime.Fabric;
using Actors.Tensors;
using Actors.Tensors.Operations;
using Akka.Actor;

namespace Actors.LoadTests.Routing;

/// <summary>A rank's stage cut down to routing: gate, layout and dispatch at once; experts and combine in the order of starts.</summary>
internal sealed class RankActor : UntypedActor
{
    private readonly int _rank;
    private readonly RoutingPlane _plane;
    private readonly IStream _stream;
    private readonly GateShape _gate;
    private readonly ExchangeEnded[] _ended;
    private readonly long[] _intendedTicks;
    private readonly int[] _channels;
    private readonly bool[] _arrived;
    private readonly Queue<int> _order = new();
    private ExchangeStarter? _starter;
    private IActorRef _coordinator = ActorRefs.Nobody;
    private bool _running;

    public RankActor(int rank, RoutingPlane plane)
    {
        _rank = rank;
        _plane = plane;
        _stream = plane.Backend.CreateStream($"gate {rank}");
        RoutingOptions options = plane.Options;
        _gate = new GateShape(options.Groups, options.GroupsKept, options.Choices, Normalize: true, Scaling: 2.5f);
        int exchanges = plane.Options.UnderWay;
        _ended = [.. Enumerable.Range(0, exchanges).Select(static exchange => new ExchangeEnded(exchange))];
        _intendedTicks = new long[exchanges];
        _channels = new int[exchanges];
        _arrived = new bool[exchanges];
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StartExchange start:
                _coordinator = Sender;
                Start(start);
                break;
            case RowsArrived rows:
                _arrived[rows.Exchange] = true;
                RunNext();
                break;
            case ExpertsDone done:
                _running = false;
                _starter!.Combine(done.Exchange, ExchangePhase.Forward);
                RunNext();
                break;
            case CombineCompleted combined:
                Combined(combined.Exchange);
                break;
            case GroupAddresses addresses:
                _starter = new ExchangeStarter(_rank, _plane.FabricOf(_rank), addresses, TimeProvider.System, Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop() => _stream.Dispose();

    private void Start(StartExchange start)
    {
        int exchange = start.Exchange;
        RankBatch batch = _plane.Batch(_rank, exchange);
        _intendedTicks[exchange] = start.IntendedTicks;
        _stream.ChooseExperts(batch.Logits, _plane.Bias, _gate, batch.Scores, batch.Experts, batch.Weights);
        SourceExchange source = _plane.FabricOf(_rank).Source(_rank, exchange);
        source.SetForward(batch.Rows, batch.Experts, batch.Weights, batch.Combined);
        _starter!.Dispatch(exchange);
        _order.Enqueue(exchange);
    }

    private void RunNext()
    {
        if (!_running && _order.TryPeek(out int exchange) && _arrived[exchange])
        {
            _order.Dequeue();
            _arrived[exchange] = false;
            _running = true;
            _starter!.RunExperts(exchange, ExchangePhase.Forward);
        }
    }

    private void Combined(int exchange)
    {
        if (++_channels[exchange] == _plane.Options.Fabric.Channels)
        {
            _channels[exchange] = 0;
            _ended[exchange].Ticks = Stopwatch.GetTimestamp() - _intendedTicks[exchange];
            _coordinator.Tell(_ended[exchange], Self);
        }
    }
}
