namespace Akka.Actor;

/// <summary>
/// The receive timeout: one scheduled check at a time, which compares the time of the last message when it arrives, so
/// that a message costs a look at the clock and no rescheduling.
/// </summary>
internal sealed partial class ActorCell
{
    private TimeSpan? _receiveTimeout;
    private TimeSpan _lastActivity; // on the scheduler's monotonic clock
    private ReceiveTimeoutCheck? _pendingCheck;
    private ICancelable? _scheduledCheck;

    public TimeSpan? ReceiveTimeout => _receiveTimeout;

    public void SetReceiveTimeout(TimeSpan? timeout)
    {
        _pendingCheck = null;
        _scheduledCheck?.Cancel();
        _scheduledCheck = null;
        if (timeout is null || timeout == Timeout.InfiniteTimeSpan)
        {
            _receiveTimeout = null;
            return;
        }

        if (timeout <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "A receive timeout must be longer than zero; give null to end it.");
        }

        _receiveTimeout = timeout;
        NoteActivity();
        ScheduleCheck(timeout.Value);
    }

    private void NoteActivity() => _lastActivity = SystemImpl.Scheduler.MonotonicClock;

    private void ScheduleCheck(TimeSpan delay)
    {
        _pendingCheck = new ReceiveTimeoutCheck();
        _scheduledCheck = SystemImpl.Scheduler.ScheduleTellOnceCancelable(delay, _self, _pendingCheck, _self);
    }

    private void CheckReceiveTimeout(ReceiveTimeoutCheck check)
    {
        if (_receiveTimeout is not { } timeout || check != _pendingCheck)
        {
            return;
        }

        TimeSpan quiet = SystemImpl.Scheduler.MonotonicClock - _lastActivity;
        if (quiet < timeout)
        {
            ScheduleCheck(timeout - quiet);
            return;
        }

        NoteActivity();
        ScheduleCheck(timeout);
        SenderOrNull = null;
        CurrentMessage = Actor.ReceiveTimeout.Instance;
        Receive(CurrentMessage);
    }
}

/// <summary>Asks the actor to see whether it was quiet for too long.</summary>
internal sealed class ReceiveTimeoutCheck : IAutoReceivedMessage, INotInfluenceReceiveTimeout, Event.IDeadLetterSuppression;
