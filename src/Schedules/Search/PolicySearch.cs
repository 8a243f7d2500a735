namespace Actors.Schedules.Search;

/// <summary>
/// Tries policies and keeps the best: first those of <see cref="PolicySet"/>, then small changes to the best few of them. Of policies as good
/// the earlier stays. Everything comes in one order, so that the same request always gives the same timetable, and how much is tried is
/// limited by actions played, not by time.
/// </summary>
internal sealed class PolicySearch
{
    /// <summary>Actions after which no more policies of the set are begun: about a second.</summary>
    private const long MostActionsOfSet = 6_000_000;

    /// <summary>Actions for changes to one policy.</summary>
    private const long MostActionsOfChanges = 300_000;

    /// <summary>Policies that are changed.</summary>
    private const int Starts = 8;

    /// <summary>Less is not gained but rounded.</summary>
    private const double LeastGain = 1e-9;

    private static readonly double[] Gaps = [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1];
    private static readonly double[] Patiences = [0, 0.25];

    private readonly StraightPipeline _pipeline;
    private readonly ListScheduler _scheduler;
    private readonly double _bound;
    private readonly List<(ListPolicy Policy, double StepTime)> _starts = [];
    private ListPolicy? _best;
    private double _bestTime;

    private PolicySearch(StraightPipeline pipeline, double bound, double unlessBelow)
    {
        _pipeline = pipeline;
        _scheduler = new ListScheduler(pipeline);
        _bound = bound;
        _bestTime = unlessBelow;
    }

    private bool IsAtBound => _bestTime <= _bound * (1 + LeastGain);

    private int Changes => (2 * _pipeline.Ranks) + Gaps.Length + Patiences.Length;

    /// <summary>The timetable of the best policy; null where none is faster than a time.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="bound">A time that none is faster than.</param>
    /// <param name="unlessBelow">The time that has to be beaten.</param>
    /// <param name="name">Name of the timetable.</param>
    public static Timetable? Find(StraightPipeline pipeline, double bound, double unlessBelow, string name)
    {
        var search = new PolicySearch(pipeline, bound, unlessBelow);
        search.TrySet();
        foreach (var (policy, stepTime) in search._starts)
        {
            search.Change(policy, stepTime);
        }

        if (search._best is null)
        {
            return null;
        }

        search._scheduler.Play(search._best);
        return search._scheduler.ToTimetable(name);
    }

    private void TrySet()
    {
        foreach (var policy in PolicySet.For(_pipeline))
        {
            if (IsAtBound || _scheduler.PlayedActions >= MostActionsOfSet)
            {
                return;
            }

            var worst = _starts.Count < Starts ? double.PositiveInfinity : _starts[^1].StepTime;
            KeepStart(policy, Try(policy, worst));
        }
    }

    private void KeepStart(ListPolicy policy, double stepTime)
    {
        var place = _starts.Count;
        while (place > 0 && stepTime < _starts[place - 1].StepTime)
        {
            place--;
        }

        _starts.Insert(place, (policy, stepTime));
        if (_starts.Count > Starts)
        {
            _starts.RemoveAt(Starts);
        }
    }

    /// <summary>Takes every change that gains, round after round, until none of them does.</summary>
    private void Change(ListPolicy policy, double stepTime)
    {
        var mostActions = _scheduler.PlayedActions + MostActionsOfChanges;
        var withoutGain = 0;
        for (var change = 0; withoutGain < Changes; change = (change + 1) % Changes)
        {
            if (IsAtBound || _scheduler.PlayedActions >= mostActions)
            {
                return;
            }

            withoutGain++;
            if (Changed(policy, change) is { } changed && Try(changed, stepTime * (1 - LeastGain)) is var time && time < double.PositiveInfinity)
            {
                (policy, stepTime, withoutGain) = (changed, time, 0);
            }
        }
    }

    /// <summary>One more or one fewer chunk in flight on one rank, another gap, another patience; null where there is no such thing.</summary>
    private ListPolicy? Changed(ListPolicy policy, int change)
    {
        if (change < 2 * _pipeline.Ranks)
        {
            var rank = change / 2;
            var inFlight = policy.MostInFlight[rank] + (change % 2 == 0 ? 1 : -1);
            return inFlight >= 1 && inFlight <= _pipeline.MostInFlight(rank) ? policy.WithInFlight(rank, inFlight) : null;
        }

        change -= 2 * _pipeline.Ranks;
        return change < Gaps.Length ? policy with { Gap = Gaps[change] } : policy with { Patience = Patiences[change - Gaps.Length] };
    }

    private double Try(ListPolicy policy, double unlessBelow)
    {
        var stepTime = _scheduler.Play(policy, unlessBelow);
        if (stepTime < _bestTime * (1 - LeastGain))
        {
            (_best, _bestTime) = (policy, stepTime);
        }

        return stepTime;
    }
}
