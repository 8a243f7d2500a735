namespace Actors.Schedules.Search;

/// <summary>
/// When each rank is to be looked at next, and which is first: a tournament tree. Of equal times the lower rank is first. A change costs the
/// logarithm of the ranks.
/// </summary>
internal sealed class WakeTimes
{
    private readonly int _leaves;
    private readonly double[] _times;
    private readonly int[] _winners;

    public WakeTimes(int ranks)
    {
        _leaves = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)ranks);
        _times = new double[_leaves];
        _winners = new int[2 * _leaves];
        for (var rank = 0; rank < _leaves; rank++)
        {
            _winners[_leaves + rank] = rank;
        }

        Clear();
    }

    /// <summary>The rank that is first; its time is infinite where no rank is to be looked at.</summary>
    public int First => _winners[1];

    public double this[int rank] => _times[rank];

    /// <summary>No rank is to be looked at.</summary>
    public void Clear()
    {
        Array.Fill(_times, double.PositiveInfinity);
        for (var node = _leaves - 1; node > 0; node--)
        {
            _winners[node] = _winners[2 * node];
        }
    }

    public void Set(int rank, double time)
    {
        _times[rank] = time;
        for (var node = (_leaves + rank) / 2; node > 0; node /= 2)
        {
            var (left, right) = (_winners[2 * node], _winners[(2 * node) + 1]);
            _winners[node] = _times[right] < _times[left] ? right : left;
        }
    }

    /// <summary>Looks at a rank no later than at a time.</summary>
    public void SetAtMost(int rank, double time)
    {
        if (time < _times[rank])
        {
            Set(rank, time);
        }
    }
}
