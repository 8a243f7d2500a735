using System.Diagnostics.CodeAnalysis;
using Akka.Event;

namespace Akka.Actor;

/// <summary>The timers of one actor, on the system's scheduler. A generation number tells a timer from the former one of its key.</summary>
internal sealed class TimerScheduler(ActorCell cell) : ITimerScheduler
{
    private readonly Dictionary<object, Timer> _timers = [];
    private long _generation;

    public IReadOnlyCollection<object> ActiveTimers => _timers.Keys;

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval) => Start(key, msg, interval, interval, cell.Self);

    public void StartPeriodicTimer(object key, object msg, TimeSpan interval, IActorRef sender) => Start(key, msg, interval, interval, sender);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval) =>
        Start(key, msg, initialDelay, interval, cell.Self);

    public void StartPeriodicTimer(object key, object msg, TimeSpan initialDelay, TimeSpan interval, IActorRef sender) =>
        Start(key, msg, initialDelay, interval, sender);

    public void StartSingleTimer(object key, object msg, TimeSpan timeout) => Start(key, msg, timeout, null, cell.Self);

    public void StartSingleTimer(object key, object msg, TimeSpan timeout, IActorRef sender) => Start(key, msg, timeout, null, sender);

    public bool IsTimerActive(object key) => _timers.ContainsKey(key);

    public void Cancel(object key)
    {
        if (_timers.Remove(key, out Timer timer))
        {
            timer.Schedule.Cancel();
        }
    }

    public void CancelAll()
    {
        foreach (Timer timer in _timers.Values)
        {
            timer.Schedule.Cancel();
        }

        _timers.Clear();
    }

    /// <summary>The message of a timer that fired; false when the timer has ended since.</summary>
    public bool TryAccept(TimerMessage fired, [NotNullWhen(true)] out object? message)
    {
        if (!_timers.TryGetValue(fired.Key, out Timer timer) || timer.Generation != fired.Generation)
        {
            message = null;
            return false;
        }

        if (!timer.Repeats)
        {
            _timers.Remove(fired.Key);
        }

        message = timer.Message;
        return true;
    }

    private void Start(object key, object message, TimeSpan delay, TimeSpan? interval, IActorRef sender)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(message);
        Cancel(key);
        TimerMessage fired = message is INotInfluenceReceiveTimeout
            ? new QuietTimerMessage(key, ++_generation)
            : new TimerMessage(key, ++_generation);
        IScheduler scheduler = cell.SystemImpl.Scheduler;
        ICancelable schedule = interval is null
            ? scheduler.ScheduleTellOnceCancelable(delay, cell.Self, fired, sender)
            : scheduler.ScheduleTellRepeatedlyCancelable(delay, interval.Value, cell.Self, fired, sender);
        _timers[key] = new Timer(message, fired.Generation, interval is not null, schedule);
    }

    private readonly record struct Timer(object Message, long Generation, bool Repeats, ICancelable Schedule);
}

/// <summary>A timer of the receiving actor fired.</summary>
internal class TimerMessage(object key, long generation) : IAutoReceivedMessage, IDeadLetterSuppression
{
    public object Key { get; } = key;

    public long Generation { get; } = generation;
}

/// <summary>A timer fired whose message does not count as activity.</summary>
internal sealed class QuietTimerMessage(object key, long generation) : TimerMessage(key, generation), INotInfluenceReceiveTimeout;
