using System.Globalization;
using Actors.Runtime.Stages;

namespace Actors.Runtime.Training;

/// <summary>
/// Notices that a step stands still. While no rank reports, its leader asks every rank where it stands; when nothing has moved
/// on any of them for the configured time, the step is given up and what they wait for is said.
/// </summary>
internal sealed class StallWatch(int ranks, TimeSpan timeout, TimeProvider time)
{
    private const int MostDescribed = 4;
    private readonly StateDescribed?[] _states = new StateDescribed?[ranks];
    private readonly long[] _moves = new long[ranks];
    private long _lastMove;
    private bool _asked;

    /// <summary>After this long without a message the leader asks the ranks; null: it never does.</summary>
    public TimeSpan? AskInterval => timeout == Timeout.InfiniteTimeSpan ? null : timeout / 2;

    /// <summary>A step begins.</summary>
    public void Begin()
    {
        Array.Clear(_states);
        _lastMove = time.GetTimestamp();
        _asked = false;
    }

    /// <summary>Nothing was heard for an interval: the ranks are to be asked.</summary>
    /// <returns>What is wrong, when ranks have not answered for too long.</returns>
    public string? Ask()
    {
        if (_asked && time.GetElapsedTime(_lastMove) >= 2 * timeout)
        {
            return Describe();
        }

        Array.Clear(_states);
        _asked = true;
        return null;
    }

    /// <summary>Takes a rank's answer.</summary>
    /// <returns>What is wrong, when it was the last answer and nothing has moved for too long.</returns>
    public string? Add(StateDescribed described)
    {
        _states[described.Rank] = described;
        if (described.Moves != _moves[described.Rank])
        {
            _moves[described.Rank] = described.Moves;
            _lastMove = time.GetTimestamp();
        }

        if (_states.Contains(null))
        {
            return null;
        }

        _asked = false;
        return time.GetElapsedTime(_lastMove) >= timeout ? Describe() : null;
    }

    /// <summary>Those that lack rows first: the others wait for them.</summary>
    private string Describe()
    {
        string[] silent = [.. Enumerable.Range(0, ranks).Where(rank => _states[rank] is null).Select(rank => $"rank {rank} does not answer")];
        string[] lacking = [.. _states.Where(state => state is { LacksRows: true }).Select(state => state!.Text)];
        string[] waiting = [.. _states.Where(state => state is { LacksRows: false }).Select(state => state!.Text)];
        string[] all = [.. silent, .. lacking, .. waiting];
        string shown = string.Join("; ", all.Take(MostDescribed));
        string rest = all.Length > MostDescribed ? $"; {all.Length - MostDescribed} more ranks wait" : "";
        string seconds = timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        return $"nothing has moved for {seconds} s (actors.watchdog.stall-timeout): {shown}{rest}";
    }
}
