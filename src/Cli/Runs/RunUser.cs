using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Akka.Actor;

namespace Actors.Cli.Runs;

/// <summary>Stands for the person at the command: sends requests to the coordinator and hands its answers on.</summary>
internal sealed class RunUser : UntypedActor
{
    private readonly IActorRef _coordinator;
    private readonly Action<StepCompleted> _stepCompleted;
    private readonly Action<CheckpointSaved> _checkpointSaved;
    private TaskCompletionSource<int>? _ended;
    private Exception? _failure;
    private bool _isStopping;

    public RunUser(IActorRef coordinator, Action<StepCompleted> stepCompleted, Action<CheckpointSaved> checkpointSaved)
    {
        _coordinator = coordinator;
        _stepCompleted = stepCompleted;
        _checkpointSaved = checkpointSaved;
    }

    /// <summary>Asks to train.</summary>
    /// <param name="Request">What is asked of the coordinator.</param>
    /// <param name="Ended">Gets the number of the last step that ended, or the failure.</param>
    public sealed record Begin(Train Request, TaskCompletionSource<int> Ended) : INoSerializationVerificationNeeded;

    /// <summary>Asks to end after the step under way.</summary>
    public sealed record Stop;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Begin begin:
                // Stopped before the first step: what was set up is saved all the same, so that every stopped run can go on.
                _ended = begin.Ended;
                _coordinator.Tell(_isStopping ? new StopTraining() : begin.Request, Self);
                break;
            case Stop:
                StopTraining();
                break;
            case StepCompleted step:
                Show(step);
                break;
            case CheckpointSaved saved:
                _checkpointSaved(saved);
                break;
            case CheckpointFailed failed when _failure is not null:
                _ended?.TrySetException(
                    RunFailedException.NotKept($"step {failed.Step} cannot be shown: {_failure.Message}", failed.Step, failed.Reason, _failure.ToString()));
                break;
            case CheckpointFailed failed:
                _ended?.TrySetException(new RunFailedException(failed.Reason, failed.Detail) { SaysCheckpoint = true });
                break;
            case TrainingEnded ended when _failure is not null:
                _ended?.TrySetException(new RunFailedException($"step {ended.LastStep} cannot be shown: {_failure.Message}", _failure.ToString()));
                break;
            case TrainingEnded ended:
                _ended?.TrySetResult(ended.LastStep);
                break;
            case RunFailed { NotKept: { } reason } failed:
                _ended?.TrySetException(RunFailedException.NotKept(failed.Reason, failed.WholeStep, reason, failed.Detail));
                break;
            case RunFailed failed:
                _ended?.TrySetException(new RunFailedException(failed.Reason, failed.Detail));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void StopTraining()
    {
        _isStopping = true;
        if (_ended is { Task.IsCompleted: false })
        {
            _coordinator.Tell(new StopTraining(), Self);
        }
    }

    /// <summary>A full disk behind the output must not cost the run its steps: it ends in good order and then fails.</summary>
    private void Show(StepCompleted step)
    {
        try
        {
            _stepCompleted(step);
        }
        catch (Exception failure)
        {
            _failure ??= failure;
            StopTraining();
        }
    }
}
