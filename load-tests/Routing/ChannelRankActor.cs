using Actors.Runtime.Fabric;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.LoadTests.Routing;

/// <summary>A rank whose rows go through channels: gate, layout and dispatch at once; experts and combine in the order of starts.</summary>
internal sealed class ChannelRankActor : RankActor
{
    private readonly int _rank;
    private readonly RoutingPlane _plane;
    private readonly IStream _stream;
    private readonly GateShape _gate;
    private readonly int[] _channels;
    private readonly bool[] _arrived;
    private readonly Queue<int> _order = new();
    private ExchangeStarter? _starter;
    private bool _running;

    public ChannelRankActor(int rank, RoutingPlane plane)
        : base(plane.Options.UnderWay)
    {
        _rank = rank;
        _plane = plane;
        _stream = plane.Backend.CreateStream($"gate {rank}");
        _gate = plane.Options.Gate;
        _channels = new int[plane.Options.UnderWay];
        _arrived = new bool[plane.Options.UnderWay];
    }

    protected override bool Handle(object message)
    {
        switch (message)
        {
            case RowsArrived rows:
                _arrived[rows.Exchange] = true;
                RunNext();
                return true;
            case ExpertsDone done:
                _running = false;
                _starter!.Combine(done.Exchange, ExchangePhase.Forward);
                RunNext();
                return true;
            case CombineCompleted combined:
                Combined(combined.Exchange);
                return true;
            default:
                return false;
        }
    }

    protected override void Connect(GroupAddresses addresses) =>
        _starter = new ExchangeStarter(_rank, _plane.FabricOf(_rank), addresses, TimeProvider.System, Self);

    protected override void PostStop() => _stream.Dispose();

    protected override void Start(int exchange)
    {
        RankBatch batch = _plane.Batch(_rank, exchange);
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
            End(exchange);
        }
    }
}
