using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>Runs work later, on the scheduler's own thread: the work must be short.</summary>
public interface IRunnableScheduler
{
    /// <summary>Runs once, after <paramref name="delay"/>, unless cancelled before.</summary>
    void ScheduleOnce(TimeSpan delay, IRunnable action, ICancelable? cancelable);

    /// <summary>Runs once, after <paramref name="delay"/>.</summary>
    void ScheduleOnce(TimeSpan delay, IRunnable action);

    /// <summary>Runs after <paramref name="initialDelay"/> and then every <paramref name="interval"/>, until cancelled.</summary>
    void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable? cancelable);

    /// <summary>Runs after <paramref name="initialDelay"/> and then every <paramref name="interval"/>.</summary>
    void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action);
}

/// <summary>Runs actions later, on the scheduler's own thread: they must be short.</summary>
public interface IActionScheduler : IRunnableScheduler
{
    /// <summary>Runs once, after <paramref name="delay"/>, unless cancelled before.</summary>
    void ScheduleOnce(TimeSpan delay, Action action, ICancelable? cancelable);

    /// <summary>Runs once, after <paramref name="delay"/>.</summary>
    void ScheduleOnce(TimeSpan delay, Action action);

    /// <summary>Runs after <paramref name="initialDelay"/> and then every <paramref name="interval"/>, until cancelled.</summary>
    void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable? cancelable);

    /// <summary>Runs after <paramref name="initialDelay"/> and then every <paramref name="interval"/>.</summary>
    void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action);
}

/// <summary>All that a scheduler can do besides sending messages.</summary>
public interface IAdvancedScheduler : IActionScheduler
{
}
