using System.Diagnostics;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

/// <summary>
/// Real time: one background thread sleeps until the earliest entry of a heap is due. A cancelled entry leaves the heap
/// at once, so schedules that rarely come due cost no memory.
/// </summary>
internal sealed class TimerThreadScheduler : SchedulerBase, IDisposable
{
    private static readonly long Start = Stopwatch.GetTimestamp();

    private readonly object _lock = new();
    private readonly ScheduleHeap _heap = new();
    private readonly Thread _thread;
    private long _sequence;
    private bool _stopped;

    public TimerThreadScheduler(Config scheduler, ILoggingAdapter log)
        : base(scheduler, log)
    {
        _thread = new Thread(RunLoop) { IsBackground = true, Name = "akka.scheduler" };
        _thread.Start();
    }

    public override TimeSpan MonotonicClock => Stopwatch.GetElapsedTime(Start);

    public override TimeSpan HighResMonotonicClock => MonotonicClock;

    protected override DateTimeOffset TimeNow => DateTimeOffset.UtcNow;

    /// <summary>Ends the thread; what is scheduled still, is dropped.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _stopped = true;
            Monitor.Pulse(_lock);
        }
    }

    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable) =>
        Add(delay, TimeSpan.Zero, new TellRunnable(receiver, message, sender), cancelable);

    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable) =>
        Add(initialDelay, interval, new TellRunnable(receiver, message, sender), cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable? cancelable) =>
        Add(delay, TimeSpan.Zero, new ActionRunnable(action), cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable? cancelable) =>
        Add(delay, TimeSpan.Zero, action, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable? cancelable) =>
        Add(initialDelay, interval, new ActionRunnable(action), cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable? cancelable) =>
        Add(initialDelay, interval, action, cancelable);

    private void Add(TimeSpan delay, TimeSpan interval, IRunnable work, ICancelable? cancelable)
    {
        if (cancelable is { IsCancellationRequested: true })
        {
            return;
        }

        ScheduledEntry entry = new(this, work, interval) { Due = MonotonicClock + delay };
        if (cancelable is not null)
        {
            entry.Cancellation = cancelable.Token.UnsafeRegister(static state => ((ScheduledEntry)state!).Cancel(), entry);
        }

        lock (_lock)
        {
            if (_stopped)
            {
                throw new SchedulerException("The scheduler is shut down with its actor system: nothing can be scheduled any more.");
            }

            if (entry.IsCanceled)
            {
                return;
            }

            entry.Sequence = _sequence++;
            _heap.Add(entry);
            if (_heap.First == entry)
            {
                Monitor.Pulse(_lock);
            }
        }
    }

    private void Remove(ScheduledEntry entry)
    {
        lock (_lock)
        {
            entry.IsCanceled = true;
            _heap.Remove(entry);
        }
    }

    private void RunLoop()
    {
        while (TakeDue() is { } entry)
        {
            try
            {
                entry.Work.Run();
            }
            catch (Exception failure)
            {
                Log.Error(failure, "Scheduled work failed: {0}", failure.Message);
            }

            if (entry.Interval == TimeSpan.Zero)
            {
                entry.Cancellation.Unregister();
            }
            else
            {
                AddAgain(entry);
            }
        }
    }

    /// <summary>Waits for the next entry; null after the shutdown.</summary>
    private ScheduledEntry? TakeDue()
    {
        lock (_lock)
        {
            while (!_stopped)
            {
                if (_heap.First is not { } first)
                {
                    Monitor.Wait(_lock);
                    continue;
                }

                TimeSpan left = first.Due - MonotonicClock;
                if (left <= TimeSpan.Zero)
                {
                    _heap.Remove(first);
                    return first;
                }

                // Rounded up: never early.
                Monitor.Wait(_lock, (int)Math.Min(Math.Ceiling(left.TotalMilliseconds), int.MaxValue));
            }

            return null;
        }
    }

    private void AddAgain(ScheduledEntry entry)
    {
        lock (_lock)
        {
            if (!entry.IsCanceled)
            {
                entry.Due += entry.Interval;
                entry.Sequence = _sequence++;
                _heap.Add(entry);
            }
        }
    }

    /// <summary>Something to do at a time.</summary>
    internal sealed class ScheduledEntry(TimerThreadScheduler owner, IRunnable work, TimeSpan interval)
    {
        public IRunnable Work { get; } = work;

        public TimeSpan Interval { get; } = interval; // zero: once

        public TimeSpan Due { get; set; }

        public long Sequence { get; set; } // the earlier scheduled goes first at equal times

        public int Index { get; set; } = -1; // in the heap

        public bool IsCanceled { get; set; }

        public CancellationTokenRegistration Cancellation { get; set; }

        public void Cancel() => owner.Remove(this);
    }
}

/// <summary>Sends a message when run.</summary>
internal sealed class TellRunnable(ICanTell receiver, object message, IActorRef? sender) : IRunnable
{
    public void Run() => receiver.Tell(message, sender);
}
