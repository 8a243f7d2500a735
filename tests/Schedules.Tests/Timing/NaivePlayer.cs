using Actors.Schedules.Timing;

namespace Actors.Schedules.Tests.Timing;

/// <summary>Plays a timetable in the plainest way, as the oracle: asks every rank again and again until nobody can go on.</summary>
internal sealed class NaivePlayer
{
    private readonly Timetable _timetable;
    private readonly StepCosts _costs;
    private readonly Dictionary<(char What, int Stage, int MicroBatch), (double At, int Rank)> _done = [];
    private readonly Dictionary<(char What, int Stage, int MicroBatch), double> _arrived = [];
    private readonly Dictionary<(int From, int To), double> _linkFree = [];
    private readonly List<(double Start, double End)>[] _times;
    private readonly double[] _exposed;

    private NaivePlayer(Timetable timetable, StepCosts costs)
    {
        _timetable = timetable;
        _costs = costs;
        _times = [.. Enumerable.Range(0, timetable.Ranks).Select(_ => new List<(double, double)>())];
        _exposed = new double[timetable.Ranks];
    }

    /// <summary>The end time of each rank, or null where the ranks get stuck.</summary>
    public static double[]? Play(Timetable timetable, StepCosts costs)
        => PlayAll(timetable, costs) is { } played ? [.. played.Times.Select(times => times.Count == 0 ? 0 : times[^1].End)] : null;

    /// <summary>The times of all actions and what each rank waited for transfers alone, or null where the ranks get stuck.</summary>
    public static (List<(double Start, double End)>[] Times, double[] Exposed)? PlayAll(Timetable timetable, StepCosts costs)
    {
        var player = new NaivePlayer(timetable, costs);
        while (Enumerable.Range(0, timetable.Ranks).Count(player.TryPlay) > 0)
        {
        }

        var isThrough = Enumerable.Range(0, timetable.Ranks).All(rank => player._times[rank].Count == timetable.ActionsOf(rank).Length);
        return isThrough ? (player._times, player._exposed) : null;
    }

    private bool TryPlay(int rank)
    {
        if (_times[rank].Count == _timetable.ActionsOf(rank).Length)
        {
            return false;
        }

        var action = _timetable.ActionsOf(rank)[_times[rank].Count];
        StageAction[] parts = action.IsPair ? [action.ForwardPart, action.BackwardPart] : [action];
        var needs = parts.SelectMany(NeedsOf).ToList();
        if (!needs.All(_done.ContainsKey))
        {
            return false;
        }

        var free = _times[rank].Count == 0 ? 0 : _times[rank][^1].End;
        var start = needs.Select(need => _done[need].Rank == rank ? _done[need].At : _arrived[need]).Append(free).Max();
        _exposed[rank] += start - needs.Select(need => _done[need].At).Append(free).Max();
        var end = start + CostOf(action);
        _times[rank].Add((start, end));
        foreach (var part in parts.Where(part => part.Kind != ActionKind.BackwardWeights))
        {
            Finish(part, end, rank);
        }

        return true;
    }

    private void Finish(StageAction part, double end, int rank)
    {
        var isForward = part.Kind == ActionKind.Forward;
        var what = (isForward ? 'F' : 'B', part.Stage, part.MicroBatch);
        _done[what] = (end, rank);
        var next = isForward ? part.Stage + 1 : part.Stage - 1;
        if (next < 0 || next == _timetable.Stages)
        {
            return;
        }

        var to = _timetable.Placement.RankOf(next, part.MicroBatch);
        var isNear = _costs.RanksPerNode == int.MaxValue || rank / _costs.RanksPerNode == to / _costs.RanksPerNode;
        var link = isNear ? _costs.Link : _costs.LinkBetweenNodes;
        var occupied = (isForward ? _costs.ActivationBytes : _costs.GradientBytes) / link.Bandwidth;
        var start = Math.Max(end, _linkFree.GetValueOrDefault((rank, to)));
        _linkFree[(rank, to)] = start + occupied;
        _arrived[what] = start + occupied + link.Latency;
    }

    private double CostOf(StageAction action)
    {
        if (!action.IsPair)
        {
            return _costs.OfStage(action.Stage).Of(action.Kind);
        }

        var (forward, backward) = (_costs.OfStage(action.Stage), _costs.OfStage(action.BackwardPart.Stage));
        return forward == backward
            ? forward.Pair
            : forward.Pair * (forward.Forward / (forward.Forward + forward.Backward))
                + (backward.Pair - backward.Pair * (backward.Forward / (backward.Forward + backward.Backward)));
    }

    private IEnumerable<(char What, int Stage, int MicroBatch)> NeedsOf(StageAction action)
    {
        var (stage, microBatch) = (action.Stage, action.MicroBatch);
        switch (action.Kind)
        {
            case ActionKind.Forward:
                return stage == 0 ? [] : [('F', stage - 1, microBatch)];
            case ActionKind.BackwardWeights:
                return [('B', stage, microBatch)];
            default:
                return stage == _timetable.Stages - 1
                    ? [('F', stage, microBatch)]
                    : [('F', stage, microBatch), ('B', stage + 1, microBatch)];
        }
    }
}
