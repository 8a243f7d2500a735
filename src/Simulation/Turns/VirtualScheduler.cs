using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Actors.Simulation.Turns;

/// <summary>Akka's scheduler on a loop's virtual time; named by <c>akka.scheduler.implementation</c>.</summary>
/// <param name="config">The system's configuration.</param>
/// <param name="log">The system's log.</param>
public sealed class VirtualScheduler(Config config, ILoggingAdapter log) : SchedulerBase(config, log)
{
    private SimulationLoop? _loop;

    /// <inheritdoc/>
    protected override DateTimeOffset TimeNow => DateTimeOffset.UnixEpoch.AddTicks(_loop?.Now ?? 0);

    /// <inheritdoc/>
    public override TimeSpan MonotonicClock => TimeSpan.FromTicks(_loop?.Now ?? 0);

    /// <inheritdoc/>
    public override TimeSpan HighResMonotonicClock => MonotonicClock;

    /// <summary>Names the loop: the dispatchers do, which come after the scheduler and before all that uses it.</summary>
    internal void Attach(SimulationLoop loop) => _loop = loop;

    /// <inheritdoc/>
    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Once(delay, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Repeatedly(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) => Once(delay, action, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable)
    {
        ArgumentNullException.ThrowIfNull(action);
        Once(delay, action.Run, cancelable);
    }

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Repeatedly(initialDelay, interval, action, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable)
    {
        ArgumentNullException.ThrowIfNull(action);
        Repeatedly(initialDelay, interval, action.Run, cancelable);
    }

    private void Once(TimeSpan delay, Action action, ICancelable? cancelable)
    {
        SimulationLoop loop = _loop ?? throw new InvalidOperationException("Something was scheduled before the simulation's dispatchers were made.");
        loop.At(loop.Now + delay.Ticks, () =>
        {
            if (cancelable is not { IsCancellationRequested: true })
            {
                action();
            }
        });
    }

    private void Repeatedly(TimeSpan delay, TimeSpan interval, Action action, ICancelable? cancelable) => Once(
        delay,
        () =>
        {
            action();
            Repeatedly(interval, interval, action, cancelable);
        },
        cancelable);
}
