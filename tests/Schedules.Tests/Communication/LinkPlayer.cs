namespace Actors.Schedules.Tests.Communication;

/// <summary>
/// Plays a timetable with communication as plainly as can be, as the oracle: every rank holds the results that it has computed or received,
/// each link is a queue of what was sent, and all ranks are asked again and again until nobody can go on.
/// </summary>
internal sealed class LinkPlayer
{
    private readonly Timetable _timetable;
    private readonly int _capacity;
    private readonly int[] _next;
    private readonly double[] _time;
    private readonly HashSet<string>[] _held;
    private readonly HashSet<StageAction> _computed = [];
    private readonly Dictionary<(int From, int To), Queue<string>> _links = [];
    private bool _isRight = true;

    private LinkPlayer(Timetable timetable, int capacity)
    {
        _timetable = timetable;
        _capacity = capacity;
        _next = new int[timetable.Ranks];
        _time = new double[timetable.Ranks];
        _held = [.. Enumerable.Range(0, timetable.Ranks).Select(_ => new HashSet<string>())];
    }

    /// <summary>
    /// Whether every rank gets through its list with the right data, everything is computed once, and nothing is left over. A capacity of 0
    /// is a blocking link.
    /// </summary>
    public static bool Succeeds(Timetable timetable, int capacity) => Play(timetable, capacity) is not null;

    /// <summary>The end of the last rank where F, I and W take 1, B 2, a pair 3, sending nothing; null without success.</summary>
    public static double? Play(Timetable timetable, int capacity)
    {
        var player = new LinkPlayer(timetable, capacity);
        while (player._isRight && Enumerable.Range(0, timetable.Ranks).Any(player.TryStep))
        {
        }

        var isThrough = player._isRight && Enumerable.Range(0, timetable.Ranks).All(rank => player.Current(rank) is null);
        return isThrough && player.IsAllComputed() && player._links.Values.All(link => link.Count == 0) ? player._time.Max() : null;
    }

    private StageAction? Current(int rank)
        => _next[rank] < _timetable.ActionsOf(rank).Length ? _timetable.ActionsOf(rank)[_next[rank]] : null;

    private bool TryStep(int rank)
    {
        if (Current(rank) is not { } action)
        {
            return false;
        }

        if (!action.IsCommunication)
        {
            StageAction[] parts = action.IsPair ? [action.ForwardPart, action.BackwardPart] : [action];
            _isRight &= Array.TrueForAll(parts, part => CanCompute(part, rank));
            foreach (var part in parts)
            {
                _held[rank].Add(ResultOf(part));
            }

            _time[rank] += action.Kind switch { ActionKind.Backward => 2, ActionKind.Pair => 3, _ => 1 };
            _next[rank]++;
            return true;
        }

        return action.Kind is ActionKind.SendForward or ActionKind.SendBackward ? TrySend(action, rank) : TryReceive(action, rank);
    }

    private bool CanCompute(StageAction part, int rank)
    {
        var (stage, microBatch, last) = (part.Stage, part.MicroBatch, _timetable.Stages - 1);
        if (stage > last || microBatch >= _timetable.MicroBatches || _timetable.Placement.RankOf(stage, microBatch) != rank
            || !_computed.Add(part))
        {
            return false;
        }

        return part.Kind switch
        {
            ActionKind.Forward => stage == 0 || _held[rank].Contains($"F{stage - 1},{microBatch}"),
            ActionKind.BackwardWeights => _computed.Contains(StageAction.BackwardInput(stage, microBatch))
                && _held[rank].Contains($"B{stage},{microBatch}"),
            _ => _held[rank].Contains($"F{stage},{microBatch}") && (stage == last || _held[rank].Contains($"B{stage + 1},{microBatch}")),
        };
    }

    private static string ResultOf(StageAction part) => part.Kind switch
    {
        ActionKind.Forward => $"F{part.Stage},{part.MicroBatch}",
        ActionKind.BackwardWeights => $"W{part.Stage},{part.MicroBatch}",
        _ => $"B{part.Stage},{part.MicroBatch}",
    };

    private bool TrySend(StageAction send, int rank)
    {
        var result = $"{(send.Kind == ActionKind.SendForward ? 'F' : 'B')}{send.Stage},{send.MicroBatch}";
        var needs = send.Kind == ActionKind.SendForward ? send.Stage + 1 : send.Stage - 1;
        if (RankOf(needs, send.MicroBatch) is not { } receiver || receiver == rank || !_held[rank].Contains(result))
        {
            return _isRight = false;
        }

        var link = LinkOf(rank, receiver);
        if (_capacity > 0)
        {
            if (link.Count == _capacity)
            {
                return false;
            }

            link.Enqueue(result);
            _next[rank]++;
            return true;
        }

        if (Current(receiver) is not { Kind: ActionKind.ReceiveForward or ActionKind.ReceiveBackward } receive || SenderOf(receive) != rank)
        {
            return false;
        }

        link.Enqueue(result);
        _next[rank]++;
        _time[rank] = _time[receiver] = Math.Max(_time[rank], _time[receiver]);
        return TryReceive(receive, receiver);
    }

    private bool TryReceive(StageAction receive, int rank)
    {
        if (SenderOf(receive) is not { } sender || sender == rank || RankOf(receive.Stage, receive.MicroBatch) != rank)
        {
            return _isRight = false;
        }

        if (!LinkOf(sender, rank).TryDequeue(out var arrived))
        {
            return false;
        }

        var isForward = receive.Kind == ActionKind.ReceiveForward;
        var expected = isForward ? $"F{receive.Stage - 1},{receive.MicroBatch}" : $"B{receive.Stage + 1},{receive.MicroBatch}";
        _isRight &= arrived == expected && _held[rank].Add(arrived);
        _next[rank]++;
        return true;
    }

    private int? SenderOf(StageAction receive)
        => RankOf(receive.Kind == ActionKind.ReceiveForward ? receive.Stage - 1 : receive.Stage + 1, receive.MicroBatch);

    private int? RankOf(int stage, int microBatch)
        => stage >= 0 && stage < _timetable.Stages && microBatch < _timetable.MicroBatches
            ? _timetable.Placement.RankOf(stage, microBatch)
            : null;

    private Queue<string> LinkOf(int from, int to)
    {
        if (!_links.TryGetValue((from, to), out var link))
        {
            _links.Add((from, to), link = new Queue<string>());
        }

        return link;
    }

    private bool IsAllComputed()
    {
        for (var stage = 0; stage < _timetable.Stages; stage++)
        {
            for (var microBatch = 0; microBatch < _timetable.MicroBatches; microBatch++)
            {
                var isWhole = _computed.Contains(StageAction.Backward(stage, microBatch));
                var hasInput = _computed.Contains(StageAction.BackwardInput(stage, microBatch));
                var hasWeights = _computed.Contains(StageAction.BackwardWeights(stage, microBatch));
                var isBackRight = _timetable.ForwardOnly
                    ? !isWhole && !hasInput && !hasWeights
                    : isWhole != (hasInput && hasWeights) && hasInput == hasWeights;
                if (!isBackRight || !_computed.Contains(StageAction.Forward(stage, microBatch)))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
