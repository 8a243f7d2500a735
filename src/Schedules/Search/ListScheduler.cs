using System.Collections.Immutable;

namespace Actors.Schedules.Search;

/// <summary>
/// Plays a step event by event and lets each rank choose, whenever it is free, what to do next, as a policy says: the steps of Qi et al.
/// 2023 ("Zero Bubble Pipeline Parallelism", section 3.1) turned into rules. Until its first I comes a rank runs forwards as far as memory
/// and the policy allow; then I comes as soon as it can and F with it; W waits until there is a gap, or no memory for the next F, or no
/// other work. Micro-batches go in order on every rank, so that a rank's list is a row of kinds. Memory is never exceeded, and as the
/// earliest micro-batch can always go on, it never gets stuck. Every action is looked at a few times.
/// </summary>
internal sealed class ListScheduler
{
    private readonly StraightPipeline _pipeline;
    private readonly WakeTimes _wakes;
    private readonly RankState[] _ranks;
    private readonly double[] _forwardArrivals;
    private readonly double[] _gradientArrivals;
    private readonly ActionKind[][] _orders;

    public ListScheduler(StraightPipeline pipeline)
    {
        _pipeline = pipeline;
        _wakes = new WakeTimes(pipeline.Ranks);
        _ranks = new RankState[pipeline.Ranks];
        _forwardArrivals = new double[pipeline.Ranks * pipeline.MicroBatches];
        _gradientArrivals = new double[pipeline.Ranks * pipeline.MicroBatches];
        _orders = new ActionKind[pipeline.Ranks][];
        for (var rank = 0; rank < pipeline.Ranks; rank++)
        {
            _orders[rank] = new ActionKind[3 * pipeline.MicroBatches];
        }
    }

    /// <summary>Actions played so far, over all plays.</summary>
    public long PlayedActions { get; private set; }

    /// <summary>The step time under a policy; infinite where it is sure to be no less than a time, and then it is not played to the end.</summary>
    public double Play(ListPolicy policy, double unlessBelow = double.PositiveInfinity)
    {
        Reset();
        var stepTime = 0.0;
        while (_wakes[_wakes.First] is var now && now < double.PositiveInfinity)
        {
            var rank = _wakes.First;
            var choice = Choose(rank, now, policy, out var waitUntil);
            if (choice is not { } kind)
            {
                _wakes.Set(rank, waitUntil);
                continue;
            }

            Start(rank, kind, now);
            stepTime = Math.Max(stepTime, _ranks[rank].FreeAt);
            if (_ranks[rank].FreeAt + _ranks[rank].WorkLeft >= unlessBelow)
            {
                return double.PositiveInfinity;
            }
        }

        return stepTime;
    }

    /// <summary>The timetable of the last play, which went to its end.</summary>
    public Timetable ToTimetable(string name)
    {
        var lists = ImmutableArray.CreateBuilder<ImmutableArray<StageAction>>(_pipeline.Ranks);
        for (var rank = 0; rank < _pipeline.Ranks; rank++)
        {
            lists.Add(ToActions(rank));
        }

        return new Timetable(name, Placement.Straight(_pipeline.Ranks, _pipeline.MicroBatches), lists.MoveToImmutable());
    }

    private ImmutableArray<StageAction> ToActions(int rank)
    {
        var actions = ImmutableArray.CreateBuilder<StageAction>(_orders[rank].Length);
        var (forward, input, weights) = (0, 0, 0);
        foreach (var kind in _orders[rank])
        {
            actions.Add(kind switch
            {
                ActionKind.Forward => StageAction.Forward(rank, forward++),
                ActionKind.BackwardInput => StageAction.BackwardInput(rank, input++),
                _ => StageAction.BackwardWeights(rank, weights++),
            });
        }

        return actions.MoveToImmutable();
    }

    private void Reset()
    {
        _wakes.Clear();
        _wakes.Set(0, 0);
        for (var rank = 0; rank < _ranks.Length; rank++)
        {
            ref readonly var costs = ref _pipeline.CostsOf(rank);
            _ranks[rank] = new RankState
            {
                WorkLeft = _pipeline.MicroBatches * (costs.Forward + costs.BackwardInput + costs.BackwardWeights),
            };
        }

        // Micro-batches are all there on the first rank from the start.
        Array.Clear(_forwardArrivals, 0, _pipeline.MicroBatches);
    }

    /// <summary>What a rank does now; null to wait until something arrives, or forever where that is not yet known.</summary>
    private ActionKind? Choose(int rank, double now, ListPolicy policy, out double waitUntil)
    {
        ref readonly var costs = ref _pipeline.CostsOf(rank);
        ref readonly var state = ref _ranks[rank];
        var forwardAt = NextForward(rank);
        var gradientAt = NextGradient(rank);
        var hasMemory = _pipeline.Fits(rank, state.InFlight, state.Owed);
        var canForward = forwardAt <= now && hasMemory && state.InFlight < policy.MostInFlight[rank];
        var canInput = gradientAt <= now;
        waitUntil = double.PositiveInfinity;
        if (canInput && !(canForward && policy.PrefersForward))
        {
            return ActionKind.BackwardInput;
        }

        if (state.Owed > policy.MostOwed[rank] && !canInput && gradientAt - now >= policy.Gap * costs.BackwardWeights)
        {
            return ActionKind.BackwardWeights;
        }

        if (canForward)
        {
            waitUntil = gradientAt;
            return !canInput && gradientAt < now + (policy.Patience * costs.Forward) ? null : ActionKind.Forward;
        }

        waitUntil = hasMemory && state.InFlight < policy.MostInFlight[rank] ? Math.Min(forwardAt, gradientAt) : gradientAt;
        var lacksMemory = forwardAt <= now && !hasMemory;
        return state.Owed > 0 && (lacksMemory || waitUntil - now >= policy.Gap * costs.BackwardWeights) ? ActionKind.BackwardWeights : null;
    }

    /// <summary>When the next forward's input is there; infinite where there is none, or that is not yet known.</summary>
    private double NextForward(int rank)
    {
        var next = _ranks[rank].Forwards;
        var sent = rank == 0 ? _pipeline.MicroBatches : _ranks[rank - 1].Forwards;
        return next < sent ? _forwardArrivals[(rank * _pipeline.MicroBatches) + next] : double.PositiveInfinity;
    }

    /// <summary>When the next backward's gradient is there; infinite where there is none, or that is not yet known.</summary>
    private double NextGradient(int rank)
    {
        var next = _ranks[rank].Inputs;
        var sent = rank == _ranks.Length - 1 ? _ranks[rank].Forwards : _ranks[rank + 1].Inputs;
        return next < sent ? _gradientArrivals[(rank * _pipeline.MicroBatches) + next] : double.PositiveInfinity;
    }

    private void Start(int rank, ActionKind kind, double now)
    {
        ref readonly var costs = ref _pipeline.CostsOf(rank);
        ref var state = ref _ranks[rank];
        var cost = costs.Of(kind);
        state.FreeAt = now + cost;
        state.WorkLeft -= cost;
        _orders[rank][state.Forwards + state.Inputs + state.Weights] = kind;
        PlayedActions++;
        _wakes.Set(rank, state.FreeAt);
        switch (kind)
        {
            case ActionKind.Forward:
                SendForward(rank, state.Forwards++, state.FreeAt);
                break;
            case ActionKind.BackwardInput:
                SendGradient(rank, state.Inputs++, state.FreeAt);
                break;
            default:
                state.Weights++;
                break;
        }
    }

    // On the last rank a forward's own end lets its backward begin.
    private void SendForward(int rank, int microBatch, double readyAt)
    {
        if (rank == _ranks.Length - 1)
        {
            _gradientArrivals[(rank * _pipeline.MicroBatches) + microBatch] = readyAt;
            return;
        }

        var arrival = Arrival(_pipeline.DownFrom(rank), readyAt, ref _ranks[rank].DownFreeAt);
        _forwardArrivals[((rank + 1) * _pipeline.MicroBatches) + microBatch] = arrival;
        _wakes.SetAtMost(rank + 1, Math.Max(arrival, _ranks[rank + 1].FreeAt));
    }

    private void SendGradient(int rank, int microBatch, double readyAt)
    {
        if (rank == 0)
        {
            return;
        }

        var arrival = Arrival(_pipeline.UpFrom(rank), readyAt, ref _ranks[rank].UpFreeAt);
        _gradientArrivals[((rank - 1) * _pipeline.MicroBatches) + microBatch] = arrival;
        _wakes.SetAtMost(rank - 1, Math.Max(arrival, _ranks[rank - 1].FreeAt));
    }

    private static double Arrival(in StraightPipeline.Hop hop, double readyAt, ref double freeAt)
    {
        var start = hop.IsInTurn ? Math.Max(readyAt, freeAt) : readyAt;
        freeAt = start + hop.Occupied;
        return freeAt + hop.Latency;
    }

    private struct RankState
    {
        public double FreeAt;
        public double WorkLeft;
        public double DownFreeAt;
        public double UpFreeAt;
        public int Forwards;
        public int Inputs;
        public int Weights;

        public readonly int InFlight => Forwards - Inputs;

        public readonly int Owed => Inputs - Weights;
    }
}
