using Actors.Runtime.Fabric;
using Akka.Actor;

namespace Actors.Runtime.Tests.Fabric;

/// <summary>One way of one exchange, to be played on every rank.</summary>
internal readonly record struct Move(int Exchange, ExchangePhase Phase);

/// <summary>Moves to play in order, so many under way at once.</summary>
internal sealed record Play(Move[] Moves, int UnderWay);

/// <summary>Stands in for a rank's stage: starts moves, runs experts and begins combines in the order that all ranks share.</summary>
internal sealed class RankDriver : UntypedActor
{
    private readonly FabricGroup _group;
    private readonly int _rank;
    private readonly ByPhase<int> _placeOf;
    private ExchangeStarter? _starter;
    private Play _play = new([], 1);
    private bool[] _arrived = [];
    private int[] _channels = [];
    private int _started;
    private int _next;
    private int _ended;
    private bool _running;

    public RankDriver(FabricGroup group, int rank)
    {
        _group = group;
        _rank = rank;
        _placeOf = new(group.Exchanges);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case GroupAddresses addresses:
                _starter = new ExchangeStarter(_rank, _group.FabricOf(_rank), addresses, TimeProvider.System, Self);
                break;
            case Play play:
                Begin(play);
                break;
            case RowsArrived rows:
                _arrived[PlaceOf(rows.Exchange, rows.Phase)] = true;
                break;
            case ExpertsDone done:
                _running = false;
                _next++;
                _starter!.Combine(done.Exchange, done.Phase);
                break;
            case CombineCompleted combined:
                _channels[PlaceOf(combined.Exchange, combined.Phase)]++;
                break;
            default:
                Unhandled(message);
                break;
        }

        Advance();
    }

    private void Begin(Play play)
    {
        _play = play;
        if (_arrived.Length < play.Moves.Length)
        {
            (_arrived, _channels) = (new bool[play.Moves.Length], new int[play.Moves.Length]);
        }

        Array.Clear(_arrived);
        Array.Clear(_channels);
        (_started, _next, _ended) = (0, 0, 0);
        for (int i = 0; i < play.Moves.Length; i++)
        {
            _placeOf[play.Moves[i].Exchange, play.Moves[i].Phase] = i;
        }
    }

    private void Advance()
    {
        int moves = _play.Moves.Length;
        int before = _ended;
        while (_ended < _next && _channels[_ended] == _group.Settings.Channels)
        {
            _ended++;
        }

        while (_started < moves && _started - _ended < _play.UnderWay && CanStart(_play.Moves[_started]))
        {
            Start(_play.Moves[_started++]);
        }

        if (!_running && _next < _started && _arrived[_next])
        {
            _running = true;
            _starter!.RunExperts(_play.Moves[_next].Exchange, _play.Moves[_next].Phase);
        }

        if (_ended > before && _ended == moves)
        {
            _group.RankEnded();
        }
    }

    /// <summary>A backward needs its own rank's forward, which this play may still have under way.</summary>
    private bool CanStart(Move move)
    {
        if (move.Phase == ExchangePhase.Forward)
        {
            return true;
        }

        int forward = PlaceOf(move.Exchange, ExchangePhase.Forward);
        return forward >= _play.Moves.Length || _play.Moves[forward] != move with { Phase = ExchangePhase.Forward } || forward < _ended;
    }

    private void Start(Move move)
    {
        _group.Data[move.Exchange][_rank].LayDown(_group.FabricOf(_rank).Source(_rank, move.Exchange), move.Phase);
        if (move.Phase == ExchangePhase.Backward)
        {
            _starter!.DispatchGradients(move.Exchange);
        }
        else
        {
            _starter!.Dispatch(move.Exchange);
        }
    }

    private int PlaceOf(int exchange, ExchangePhase phase) => _placeOf[exchange, phase];
}
