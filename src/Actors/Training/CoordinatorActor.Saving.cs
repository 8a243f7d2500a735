using Actors.Runtime.Diagnostics;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Training.Checkpoints;
using Actors.Runtime.Training.Results;
using Akka.Actor;

namespace Actors.Runtime.Training;

/// <summary>How the coordinator saves the state, and how it ends a run that has failed.</summary>
public sealed partial class CoordinatorActor
{
    private bool IsUnsaved => _options.Checkpoints is { } folder && !(_step <= folder.SavedStep);

    /// <summary>A failure of the coordinator itself ends the run.</summary>
    protected override bool AroundReceive(Receive receive, object message)
    {
        try
        {
            return base.AroundReceive(receive, message);
        }
        catch (Exception failure)
        {
            GiveUp($"step {_step + 1}: {failure.Message}", _isUpdating ? null : _step, failure.ToString());
            return true;
        }
    }

    /// <summary>An actor that saves and fails has not saved.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(
        failure =>
        {
            Self.Tell(new CheckpointFailed(_step, failure.Message, failure.ToString()), Self);
            return Directive.Stop;
        },
        loggingEnabled: false);

    private void Save(int step, UntypedReceive saving)
    {
        _checkpoints.Tell(new SaveCheckpoint(step), Self);
        Become(saving);
    }

    /// <summary>No step runs while the state is saved.</summary>
    private void Saving(object message)
    {
        switch (message)
        {
            case CheckpointSaved saved:
                _user.Tell(saved, Self);
                Stash.UnstashAll();
                NextStep();
                break;
            case CheckpointFailed failed:
                _user.Tell(failed, Self);
                End(new RunFailed(failed.Reason, Detail: failed.Detail));
                break;
            case StopTraining:
                _lastStep = _step;
                break;
            case StallWatch.Tick or StateDescribed:
                break;
            default:
                Stash.Stash();
                break;
        }
    }

    private void GiveUpIf(string? stalled)
    {
        if (stalled is not null)
        {
            GiveUp($"step {_step + 1}: {stalled}", _isUpdating ? null : _step);
        }
    }

    /// <summary>A step that failed in its midst leaves ranks that cannot go on: the run ends, once a state that is whole is saved.</summary>
    private void GiveUp(string reason, int? wholeStep = null, string? detail = null)
    {
        bool isFirst = _failed is null;
        _failed ??= new RunFailed(reason, IsTraining ? wholeStep : null, detail);
        if (isFirst)
        {
            Timers.CancelAll();
            CoordinatorLog.RunFailed(_log, reason);
        }

        if (isFirst && _failed.WholeStep is { } whole && _options.Checkpoints is { } folder && !(whole <= folder.SavedStep))
        {
            Save(whole, Keeping);
        }
        else
        {
            Fail(_failed);
        }
    }

    /// <summary>What ranks do after a failure changes no values: a step that was being played is never updated.</summary>
    private void Keeping(object message)
    {
        switch (message)
        {
            case CheckpointSaved saved:
                _user.Tell(saved, Self);
                Fail(_failed! with { Checkpoint = saved.Folder });
                break;
            case CheckpointFailed failed:
                Fail(_failed! with { NotKept = failed.Reason });
                break;
            case Train or RunBatch or MeasureHeldOut or StopTraining or ReadResult:
                Stash.Stash();
                break;
            default:
                break;
        }
    }

    private void Fail(RunFailed failed)
    {
        _user.Tell(failed, Self);
        End(failed);
    }

    private void End(RunFailed failed)
    {
        _failed = failed;
        Timers.CancelAll();
        Become(Failed);
        Stash.UnstashAll();
    }

    private void Failed(object message)
    {
        if (message is Train or RunBatch or MeasureHeldOut or StopTraining or ReadResult)
        {
            Sender.Tell(_failed!, Self);
        }
    }
}
