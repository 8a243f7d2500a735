using System.Globalization;
using Actors.Runtime.Pipeline;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Diagnostics;

/// <summary>
/// Notices that a step stands still. Its leader looks at it regularly, by one timer for its whole life, and says when a rank was heard.
/// While no rank reports, the leader asks every rank where it stands; when nothing has moved on any of them for the configured
/// time, the step is given up and what they wait for is said.
/// </summary>
internal sealed class StallWatch(int ranks, TimeSpan timeout, TimeProvider time, ILogger log)
{
    private const int MostDescribed = 4;
    private const int LooksInTimeout = 4;
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(1);
    private readonly StateDescribed?[] _states = new StateDescribed?[ranks];
    private readonly long[] _moves = new long[ranks];
    private long _silentSince = time.GetTimestamp();
    private long _lastMove;
    private bool _heard;
    private bool _asked;
    private bool _warned;

    /// <summary>Timer → leader: look at the watch.</summary>
    public sealed record Tick : INoSerializationVerificationNeeded;

    /// <summary>Starts the timer that sends <see cref="Tick"/> to the leader; none where the timeout is infinite.</summary>
    public void Start(ITimerScheduler timers)
    {
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            TimeSpan interval = timeout / LooksInTimeout;
            interval = interval < ShortestInterval ? ShortestInterval : interval > LongestInterval ? LongestInterval : interval;
            timers.StartPeriodicTimer(nameof(StallWatch), new Tick(), interval);
        }
    }

    /// <summary>A step begins.</summary>
    public void Begin()
    {
        Array.Clear(_states);
        _lastMove = _silentSince = time.GetTimestamp();
        (_heard, _asked, _warned) = (false, false, false);
    }

    /// <summary>A rank has reported. Called for every report, so it only leaves a mark for the next look.</summary>
    public void Heard() => _heard = true;

    /// <summary>Whether nothing was heard for the whole timeout.</summary>
    public bool HasTimedOut() => Silence() >= timeout;

    /// <summary>Whether the ranks are to be asked where they stand: nothing was heard for half the timeout.</summary>
    /// <param name="reason">What is wrong, when ranks have not answered for too long.</param>
    public bool MustAsk(out string? reason)
    {
        reason = null;
        if (Silence() < timeout / 2)
        {
            return false;
        }

        TimeSpan still = time.GetElapsedTime(_lastMove);
        if (_asked && still >= 2 * timeout)
        {
            reason = Describe(timeout);
            return false;
        }

        if (_asked && still >= timeout)
        {
            Warn(still);
        }

        Array.Clear(_states);
        _asked = true;
        return true;
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
            _warned = false;
        }

        if (_states.Contains(null))
        {
            return null;
        }

        _asked = false;
        TimeSpan still = time.GetElapsedTime(_lastMove);
        if (still >= timeout)
        {
            return Describe(timeout);
        }

        if (still >= timeout / 2)
        {
            Warn(still);
        }

        return null;
    }

    /// <summary>Time since the last look before which a rank was heard.</summary>
    private TimeSpan Silence()
    {
        if (_heard)
        {
            _heard = false;
            _silentSince = time.GetTimestamp();
        }

        return time.GetElapsedTime(_silentSince);
    }

    private void Warn(TimeSpan still)
    {
        if (!_warned && log.IsEnabled(LogLevel.Warning))
        {
            _warned = true;
            StallLog.NothingMoves(log, Describe(still));
        }
    }

    /// <summary>Those that lack rows first: the others wait for them.</summary>
    private string Describe(TimeSpan still)
    {
        string[] silent = [.. Enumerable.Range(0, ranks).Where(rank => _states[rank] is null).Select(rank => $"rank {rank} does not answer")];
        string[] lacking = [.. _states.Where(state => state is { LacksRows: true }).Select(state => state!.Text)];
        string[] waiting = [.. _states.Where(state => state is { LacksRows: false }).Select(state => state!.Text)];
        string[] all = [.. silent, .. lacking, .. waiting];
        string shown = string.Join("; ", all.Take(MostDescribed));
        string rest = all.Length > MostDescribed ? $"; {all.Length - MostDescribed} more ranks wait" : "";
        string seconds = still.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        return $"nothing has moved for {seconds} s (actors.watchdog.stall-timeout): {shown}{rest}";
    }
}
