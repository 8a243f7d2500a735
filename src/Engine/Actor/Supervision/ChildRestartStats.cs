namespace Akka.Actor;

/// <summary>A child and how often it was restarted.</summary>
internal sealed class ChildRestartStats(ActorRefBase child)
{
    private int _restarts;
    private TimeSpan? _windowStart;

    public ActorRefBase Child { get; } = child;

    public long Uid { get; } = child.Path.Uid;

    /// <summary>Counts a restart and says whether it is allowed.</summary>
    /// <param name="maxNrOfRetries">Most restarts in the window; negative for no limit.</param>
    /// <param name="withinTime">The window; zero or less for all time.</param>
    /// <param name="now">The scheduler's monotonic clock.</param>
    public bool RequestRestartPermission(int maxNrOfRetries, TimeSpan withinTime, TimeSpan now)
    {
        if (maxNrOfRetries == 0)
        {
            return false;
        }

        bool hasWindow = withinTime > TimeSpan.Zero;
        if (maxNrOfRetries < 0 && !hasWindow)
        {
            return true;
        }

        if (hasWindow && (_windowStart is null || now - _windowStart > withinTime))
        {
            _windowStart = now;
            _restarts = 1;
            return true;
        }

        _restarts++;
        return _restarts <= (maxNrOfRetries < 0 ? 1 : maxNrOfRetries);
    }
}
