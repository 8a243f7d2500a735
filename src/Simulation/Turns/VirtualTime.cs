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
    /// <exception cref="NotSupportedException">Always: actors have the scheduler's timers.</exception>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        throw new NotSupportedException("A simulation has no timers beside those of Akka's scheduler.");
}
