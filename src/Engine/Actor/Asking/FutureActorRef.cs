using Akka.Actor.Internal;
using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>
/// Whom the answer to one question goes to. It gets a path, and a place among the system's temporary actors, only when
/// somebody asks for it, and gives it up when the question is over, whichever way.
/// </summary>
internal sealed class FutureActorRef<T> : MinimalActorRef, IRunnable
{
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ICanTell _asked;
    private readonly TimeSpan _timeout;
    private readonly Cancelable? _alarm;
    private readonly CancellationTokenRegistration _cancellation;
    private ActorPath? _path;
    private int _isOver;

    public FutureActorRef(ActorSystemImpl system, ICanTell asked, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        SystemImpl = system;
        _asked = asked;
        _timeout = timeout ?? system.Settings.AskTimeout;
        if (_timeout > TimeSpan.Zero)
        {
            _alarm = new Cancelable(system.Scheduler);
            system.Scheduler.Advanced.ScheduleOnce(_timeout, this, _alarm);
        }

        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(static (state, token) => ((FutureActorRef<T>)state!).Cancel(token), this);
        }
    }

    public Task<T> Task => _result.Task;

    public override ActorPath Path
    {
        get
        {
            if (_path is null && Interlocked.CompareExchange(ref _path, SystemImpl.TempPath(), null) is null && Volatile.Read(ref _isOver) == 0)
            {
                SystemImpl.RegisterTemp(this);
                if (Volatile.Read(ref _isOver) != 0)
                {
                    SystemImpl.UnregisterTemp(this);
                }
            }

            return _path;
        }
    }

    internal override ActorSystemImpl SystemImpl { get; }

    internal override ActorRefBase Parent => SystemImpl.TempContainer;

    /// <summary>The time is over.</summary>
    void IRunnable.Run()
    {
        if (TryFinish())
        {
            _result.SetException(new AskTimeoutException($"{_asked} did not answer within {_timeout}."));
        }
    }

    protected override void TellInternal(object message, IActorRef? sender)
    {
        if (!TryFinish())
        {
            if (!Task.IsCanceled)
            {
                Undelivered.Handle(SystemImpl, message, sender, this);
            }

            return;
        }

        switch (message)
        {
            case T answer:
                _result.SetResult(answer);
                break;
            case Status.Failure failure:
                _result.SetException(failure.Cause ?? new TaskCanceledException("The question was answered with a failure that names no cause."));
                break;
            default:
                _result.SetException(new ArgumentException($"{_asked} answered with {message.GetType()} where {typeof(T)} was asked for."));
                break;
        }
    }

    private void Cancel(CancellationToken token)
    {
        if (TryFinish())
        {
            _result.SetCanceled(token);
        }
    }

    /// <summary>Gives up everything that the question holds, before its task says that it is over; false when it was already.</summary>
    private bool TryFinish()
    {
        if (Interlocked.Exchange(ref _isOver, 1) != 0)
        {
            return false;
        }

        _alarm?.Cancel();
        _cancellation.Unregister();
        if (Volatile.Read(ref _path) is not null)
        {
            SystemImpl.UnregisterTemp(this);
        }

        return true;
    }
}
