using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

/// <summary>What happens to a message that came out of the mailbox.</summary>
internal sealed partial class ActorCell
{
    private Queue<SystemMessage>? _systemStash;

    /// <summary>Handles one user message; a failure goes to the supervisor.</summary>
    public void Invoke(in Envelope envelope)
    {
        object message = envelope.Message;
        CurrentMessage = message;
        SenderOrNull = envelope.Sender;
        CurrentEnvelopeId++;
        try
        {
            if (message is IAutoReceivedMessage)
            {
                AutoReceive(message);
            }
            else
            {
                Receive(message);
            }

            if (_receiveTimeout is not null && message is not INotInfluenceReceiveTimeout)
            {
                NoteActivity(); // afterwards: the time that the handler took is no silence
            }
        }
        catch (Exception failure)
        {
            HandleInvokeFailure(failure);
        }
    }

    /// <summary>Handles one message of the engine, or keeps it until the actor's state allows it.</summary>
    public void InvokeSystem(SystemMessage message)
    {
        try
        {
            if (MustWait(message))
            {
                (_systemStash ??= new Queue<SystemMessage>()).Enqueue(message);
                return;
            }

            HandleSystemMessage(message);
            ReplaySystemStash();
        }
        catch (Exception failure)
        {
            HandleInvokeFailure(failure);
        }
    }

    private bool MustWait(SystemMessage message) =>
        (message.StashWhenWaitingForChildren && IsWaitingForChildren) || (message.StashWhenFailed && IsFailed);

    private void ReplaySystemStash()
    {
        for (int left = _systemStash?.Count ?? 0; left > 0 && !Mailbox.IsClosed; left--)
        {
            SystemMessage message = _systemStash!.Dequeue();
            if (MustWait(message))
            {
                _systemStash.Enqueue(message);
            }
            else
            {
                HandleSystemMessage(message);
            }
        }
    }

    private void HandleSystemMessage(SystemMessage message)
    {
        switch (message)
        {
            case DeathWatchNotification gone:
                WatchedActorTerminated(gone.Actor, gone.ExistenceConfirmed, gone.AddressTerminated);
                break;
            case Watch watch:
                AddWatcher(watch.Watchee, watch.Watcher);
                break;
            case Unwatch unwatch:
                RemoveWatcher(unwatch.Watchee, unwatch.Watcher);
                break;
            case Failed failed:
                HandleChildFailure(failed);
                break;
            case Create:
                CreateFirstInstance();
                break;
            case Recreate recreate:
                FaultRecreate(recreate.Cause);
                break;
            case Suspend:
                FaultSuspend();
                break;
            case Resume resume:
                FaultResume(resume.CausedByFailure);
                break;
            case Terminate:
                TerminateSelf();
                break;
            case RunContinuation continuation:
                continuation.Scheduler.RunContinuation(continuation.Task);
                break;
            case AsyncHandlerCompleted completed:
                TaskScheduler.Complete(completed.Task);
                break;
        }
    }

    private void Receive(object message)
    {
        if (!_behavior(message))
        {
            _actor?.CallUnhandled(message);
        }
    }

    private void AutoReceive(object message)
    {
        switch (message)
        {
            case Terminated terminated:
                ReceivedTerminated(terminated);
                break;
            case PoisonPill:
                _self.Stop();
                break;
            case Kill:
                throw new ActorKilledException("Kill");
            case Identify identify:
                Sender.Tell(new ActorIdentity(identify.MessageId, _self), _self);
                break;
            case ActorSelectionMessage selection:
                SelectionFactory.Deliver(_self, selection, SenderOrNull);
                break;
            case TimerMessage timer:
                ReceivedTimer(timer);
                break;
            case ReceiveTimeoutCheck check:
                CheckReceiveTimeout(check);
                break;
            default:
                Receive(message);
                break;
        }
    }

    private void ReceivedTimer(TimerMessage timer)
    {
        if (_timers is not null && _timers.TryAccept(timer, out object? message))
        {
            CurrentMessage = message;
            if (message is IAutoReceivedMessage)
            {
                AutoReceive(message);
            }
            else
            {
                Receive(message);
            }
        }
    }
}
