using System.Diagnostics;
using Actors.LoadTests.Measuring;
using Akka.Actor;

namespace Actors.LoadTests.Routing;

/// <summary>Starts exchanges on all ranks in one order, as a load simulation says, and uses each again when all ranks have ended it.</summary>
internal sealed class CoordinatorActor : UntypedActor
{
    private readonly IReadOnlyList<IActorRef> _starters;
    private readonly int _ranks;
    private readonly int[] _ranksLeft;
    private readonly Queue<int> _free = new();
    private readonly Queue<long> _intended = new();
    private TaskCompletionSource<Played>? _done;
    private LatencyHistogram _latency = new();
    private int _underWay;
    private int _running;
    private long _ended;
    private long _startTicks;
    private long _untilTicks;
    private bool _open;
    private bool _injectionEnded;

    /// <summary>Makes the coordinator.</summary>
    /// <param name="starters">Whom an exchange is started by: ranks, or what stands for those of a process.</param>
    /// <param name="ranks">Ranks that each say when they have ended it.</param>
    /// <param name="exchanges">Exchanges that may be under way.</param>
    public CoordinatorActor(IReadOnlyList<IActorRef> starters, int ranks, int exchanges)
    {
        (_starters, _ranks) = (starters, ranks);
        _ranksLeft = new int[exchanges];
        for (int exchange = 0; exchange < exchanges; exchange++)
        {
            _free.Enqueue(exchange);
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ExchangeEnded ended:
                Ended(ended);
                break;
            case Injected injected:
                _intended.Enqueue(injected.IntendedTicks);
                break;
            case KeepConstant closed:
                Begin(closed, closed.UntilTicks, open: false);
                break;
            case Inject open:
                Begin(open, open.LastStartTicks, open: true);
                break;
            case EndInjection:
                _injectionEnded = true;
                break;
            default:
                Unhandled(message);
                break;
        }

        Advance();
    }

    private void Begin(Simulation simulation, long untilTicks, bool open)
    {
        (_done, _underWay, _latency) = (simulation.Done, simulation.UnderWay, simulation.Latency);
        (_untilTicks, _open, _injectionEnded) = (untilTicks, open, false);
        (_ended, _running, _startTicks) = (0, 0, Stopwatch.GetTimestamp());
        _intended.Clear();
    }

    private void Ended(ExchangeEnded ended)
    {
        _latency.Record(ended.Ticks);
        if (--_ranksLeft[ended.Exchange] == 0)
        {
            _free.Enqueue(ended.Exchange);
            _running--;
            _ended++;
        }
    }

    private void Advance()
    {
        long now = Stopwatch.GetTimestamp();
        while (_done is not null && _running < _underWay && (_open ? now < _untilTicks && _intended.Count > 0 : MayStartAnother(now)))
        {
            Start(_open ? _intended.Dequeue() : now);
        }

        bool over = now >= _untilTicks || (_open && _injectionEnded && _intended.Count == 0);
        if (_done is not null && over && _running == 0)
        {
            _done.SetResult(new Played(_ended, _intended.Count, Stopwatch.GetElapsedTime(_startTicks)));
            _done = null;
        }
    }

    /// <summary>The closed loop starts every exchange once, however short its time.</summary>
    private bool MayStartAnother(long now) => now < _untilTicks || _ended + _running < _underWay;

    private void Start(long intendedTicks)
    {
        int exchange = _free.Dequeue();
        _ranksLeft[exchange] = _ranks;
        _running++;
        var start = new StartExchange(exchange, intendedTicks);
        foreach (IActorRef starter in _starters)
        {
            starter.Tell(start, Self);
        }
    }
}
