using System.Runtime.ExceptionServices;
using Akka.Actor;
using Akka.Dispatch.SysMsg;

namespace Akka.Dispatch;

/// <summary>
/// Runs the pieces of an asynchronous message handler inside its actor, one at a time, with the actor's context, sender
/// and message in place. Other user messages wait until the handler's task is over.
/// </summary>
public sealed class ActorTaskScheduler : TaskScheduler
{
    private readonly ActorCell _cell;
    private object? _message;
    private IActorRef? _sender;

    internal ActorTaskScheduler(ActorCell cell) => _cell = cell;

    /// <summary>The message whose handler runs now.</summary>
    public object? CurrentMessage => _message;

    /// <inheritdoc/>
    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs <paramref name="action"/> as the running actor's handler for its current message.</summary>
    public static void RunTask(Action action) => RunTask(() =>
    {
        action();
        return Task.CompletedTask;
    });

    /// <summary>Runs <paramref name="asyncAction"/> as the running actor's handler for its current message; the next message is handled when its task is over.</summary>
    /// <exception cref="InvalidOperationException">No actor runs on this thread.</exception>
    public static void RunTask(Func<Task> asyncAction)
    {
        ActorCell cell = ActorCell.Current ?? throw new InvalidOperationException("RunTask must be called inside an actor, while it handles a message.");
        cell.TaskScheduler.Start(asyncAction);
    }

    /// <summary>Runs a queued piece, with the handler's message and sender as current ones.</summary>
    internal void RunContinuation(Task task)
    {
        _cell.SetCurrentMessage(_message, _sender);
        TryExecuteTask(task);
        _cell.ClearCurrentMessage();
    }

    /// <summary>The handler is over: user messages flow again, its failure is the actor's.</summary>
    internal void Complete(Task task)
    {
        _cell.Mailbox.Resume();
        _cell.SetCurrentMessage(_message, _sender);
        _message = null;
        _sender = null;
        if (Failure(task) is { } failure)
        {
            _cell.HandleInvokeFailure(failure);
        }

        _cell.ClearCurrentMessage();
    }

    /// <inheritdoc/>
    protected override IEnumerable<Task>? GetScheduledTasks() => null;

    /// <inheritdoc/>
    protected override void QueueTask(Task task) => _cell.Mailbox.PostSystem(new RunContinuation(this, task));

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ActorCell.Current == _cell && TryExecuteTask(task);

    private static Exception? Failure(Task task) =>
        task.Exception is { } aggregate ? aggregate.InnerExceptions.Count == 1 ? aggregate.InnerException : aggregate
        : task.IsCanceled ? new TaskCanceledException(task)
        : null;

    private void Start(Func<Task> asyncAction)
    {
        Task<Task> start = new(asyncAction);
        start.RunSynchronously(this);
        Task handler = start.IsCompletedSuccessfully ? start.Result ?? Task.CompletedTask : start;
        if (handler.IsCompleted)
        {
            if (Failure(handler) is { } failure)
            {
                ExceptionDispatchInfo.Throw(failure);
            }

            return;
        }

        _message = _cell.CurrentMessage;
        _sender = _cell.SenderOrNull;
        _cell.Mailbox.Suspend();
        handler.ContinueWith(
            static (task, state) => ((ActorCell)state!).Mailbox.PostSystem(new AsyncHandlerCompleted(task)),
            _cell,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            Default);
    }
}
