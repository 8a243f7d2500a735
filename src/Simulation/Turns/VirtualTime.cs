namespace Actors.Simulation.Turns;

/// <summary>A loop's virtual time as a run's clock.</summary>
/// <param name="loop">Whose time.</param>
public sealed class VirtualTime(SimulationLoop loop) : TimeProvider
{
    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override long GetTimestamp() => loop.Now;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(loop.Now);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">It would fire more than once: actors have the scheduler's timers.</exception>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (period != Timeout.InfiniteTimeSpan)
        {
            throw new NotSupportedException("A simulation has no periodic timers beside those of Akka's scheduler.");
        }

        var timer = new Timer(callback, state);
        loop.At(loop.Now + dueTime.Ticks, timer.Fire);
        return timer;
    }

    private sealed class Timer(TimerCallback callback, object? state) : ITimer
    {
        private bool _isOver;

        public void Fire()
        {
            if (!_isOver)
            {
                callback(state);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException("A timer of a simulation keeps its time.");

        public void Dispose() => _isOver = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
