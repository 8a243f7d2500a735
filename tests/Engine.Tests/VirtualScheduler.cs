using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Tests;

/// <summary>A scheduler whose time passes only when the test says so.</summary>
public sealed class VirtualScheduler : SchedulerBase
{
    private readonly PriorityQueue<Entry, (TimeSpan Due, long Order)> _entries = new();
    private readonly Lock _lock = new();
    private TimeSpan _now;
    private long _order;

    public VirtualScheduler()
        : this(Config.Empty, NoLogger.Instance)
    {
    }

    /// <summary>As the configuration makes it.</summary>
    public VirtualScheduler(Config config, ILoggingAdapter log)
        : base(config, log)
    {
    }

    public override TimeSpan MonotonicClock
    {
        get
        {
            lock (_lock)
            {
                return _now;
            }
        }
    }

    public override TimeSpan HighResMonotonicClock => MonotonicClock;

    protected override DateTimeOffset TimeNow => DateTimeOffset.UnixEpoch + MonotonicClock;

    /// <summary>Lets time pass and runs what comes due, in order.</summary>
    public void Advance(TimeSpan by)
    {
        TimeSpan end = MonotonicClock + by;
        while (TakeUntil(end) is { } entry)
        {
            if (entry.Cancelable is not { IsCancellationRequested: true })
            {
                entry.Work();
                if (entry.Interval > TimeSpan.Zero)
                {
                    Add(entry.Interval, entry);
                }
            }
        }

        lock (_lock)
        {
            _now = end;
        }
    }

    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable) =>
        Add(delay, new Entry(() => receiver.Tell(message, sender), TimeSpan.Zero, cancelable));

    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable) =>
        Add(initialDelay, new Entry(() => receiver.Tell(message, sender), interval, cancelable));

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable? cancelable) =>
        Add(delay, new Entry(action, TimeSpan.Zero, cancelable));

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable? cancelable) =>
        Add(delay, new Entry(action.Run, TimeSpan.Zero, cancelable));

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable? cancelable) =>
        Add(initialDelay, new Entry(action, interval, cancelable));

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable? cancelable) =>
        Add(initialDelay, new Entry(action.Run, interval, cancelable));

    private void Add(TimeSpan delay, Entry entry)
    {
        lock (_lock)
        {
            _entries.Enqueue(entry, (_now + delay, _order++));
        }
    }

    private Entry? TakeUntil(TimeSpan end)
    {
        lock (_lock)
        {
            if (!_entries.TryPeek(out Entry? entry, out (TimeSpan Due, long Order) at) || at.Due > end)
            {
                return null;
            }

            _entries.Dequeue();
            _now = at.Due;
            return entry;
        }
    }

    private sealed record Entry(Action Work, TimeSpan Interval, ICancelable? Cancelable);
}
