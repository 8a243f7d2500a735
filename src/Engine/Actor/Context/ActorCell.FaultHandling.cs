using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

/// <summary>Creation, failure, restart and end of the actor's instances.</summary>
internal sealed partial class ActorCell
{
    private ActorRefBase? _perpetrator; // who failed: the actor itself, or the child whose failure is being escalated
    private object? _messageAtFailure;
    private bool _failedFatally; // the failed instance cannot be used any more
    private SupervisorStrategy? _supervisorStrategy;

    private bool IsFailed => _perpetrator is not null;

    private SupervisorStrategy Strategy =>
        _supervisorStrategy ??= Props.SupervisorStrategy ?? _actor?.CallSupervisorStrategy() ?? SupervisorStrategy.DefaultStrategy;

    /// <summary>Suspends the actor and what is below it and asks the supervisor what is to be done.</summary>
    public void HandleInvokeFailure(Exception failure)
    {
        if (IsFailed)
        {
            return; // the supervisor knows already
        }

        ActorRefBase? escalating = CurrentMessage is Failed failed ? failed.Child : null;
        _perpetrator = escalating ?? _self;
        _messageAtFailure = CurrentMessage is SystemMessage ? null : CurrentMessage;
        Mailbox.Suspend();
        SuspendChildren(except: escalating);
        ParentRef.SendSystemMessage(new Failed(_self, failure, _self.Path.Uid));
    }

    private void CreateFirstInstance()
    {
        try
        {
            NewInstance().CallPreStart();
        }
        catch (Exception failure)
        {
            bool constructed = _actor is not null && !IsCreatingInstance;
            ClearInstance();
            throw failure as ActorInitializationException
                ?? new ActorInitializationException(_self, $"{(constructed ? "PreStart" : "creation")} failed: {failure.Message}", failure);
        }
    }

    private void FaultSuspend()
    {
        Mailbox.Suspend();
        SuspendChildren(except: null);
    }

    private void FaultResume(Exception? causedByFailure)
    {
        if (_actor is null)
        {
            FaultCreate();
        }
        else if (_failedFatally && causedByFailure is not null)
        {
            FaultRecreate(causedByFailure);
        }
        else
        {
            ActorRefBase? perpetrator = _perpetrator;
            Mailbox.Resume();
            if (causedByFailure is not null)
            {
                _perpetrator = null;
            }

            ResumeChildren(causedByFailure, perpetrator);
        }
    }

    private void FaultCreate()
    {
        CancelReceiveTimeout();
        StopChildren();
        if (_children is null || !_children.TryWait(WaitReason.Creation, null))
        {
            FinishCreate();
        }
    }

    private void FinishCreate()
    {
        Mailbox.Resume();
        ClearFailed();
        CreateFirstInstance();
    }

    private void FaultRecreate(Exception cause)
    {
        if (_actor is null)
        {
            FaultCreate();
            return;
        }

        ActorBase failedInstance = _actor;
        if (!_failedFatally)
        {
            try
            {
                failedInstance.CallPreRestart(cause, _messageAtFailure);
            }
            catch (Exception failure)
            {
                PublishError(new PreRestartException(_self, failure, cause, _messageAtFailure), failedInstance);
            }
        }

        ReleaseCapabilities();
        ClearInstance();
        if (_children is null || !_children.TryWait(WaitReason.Recreation, cause))
        {
            FinishRecreate(cause);
        }
    }

    private void FinishRecreate(Exception cause)
    {
        ActorRefBase[] survivors = ChildrenSnapshot();
        try
        {
            Mailbox.Resume();
            ClearFailed();
            NewInstance().CallPostRestart(cause);
            foreach (ActorRefBase child in survivors)
            {
                child.Restart(cause);
            }
        }
        catch (Exception failure)
        {
            _failedFatally = true;
            HandleInvokeFailure(new PostRestartException(_self, failure, cause));
        }
    }

    private void TerminateSelf()
    {
        CancelReceiveTimeout();
        UnwatchAll();
        StopChildren();
        bool wasTerminating = IsTerminating;
        if (_children is not null && _children.TryWait(WaitReason.Termination, null))
        {
            if (!wasTerminating)
            {
                Mailbox.Suspend();
                _perpetrator = _self; // failures during the end concern nobody
            }
        }
        else
        {
            FinishTerminate();
        }
    }

    private void FinishTerminate()
    {
        ActorBase? instance = _actor;
        try
        {
            if (!_failedFatally)
            {
                instance?.CallPostStop();
            }
        }
        catch (Exception failure)
        {
            PublishError(failure, instance);
        }

        ReleaseCapabilities();
        ClearInstance();
        Mailbox.Close();
        Dispatcher.Detach();
        ParentRef.SendSystemMessage(new DeathWatchNotification(_self, ExistenceConfirmed: true, AddressTerminated: false));
        TellWatchersOfEnd();
        UnwatchAll();
    }

    private void HandleChildFailure(Failed failed)
    {
        if (_children?.StatsOf(failed.Child) is not { } stats)
        {
            return; // the failure of a child that is gone
        }

        SetCurrentMessage(failed, failed.Child);
        if (!Strategy.HandleFailure(this, failed.Child, failed.Cause, stats, _children.AllStats()))
        {
            throw failed.Cause;
        }

        ClearCurrentMessage();
    }

    private void ClearFailed()
    {
        _perpetrator = null;
        _failedFatally = false;
        _messageAtFailure = null;
    }

    private void CancelReceiveTimeout() => SetReceiveTimeout(null);

    private void PublishError(Exception failure, ActorBase? instance) =>
        SystemImpl.EventStream.Publish(new Error(failure, _self.Path.ToStringWithAddress(), instance?.GetType() ?? typeof(ActorCell), failure.Message));
}
