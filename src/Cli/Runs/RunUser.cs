using Actors.Runtime.Training;
using Akka.Actor;

namespace Actors.Cli.Runs;

/// <summary>Stands for the person at the command: sends requests to the coordinator and hands its answers on.</summary>
internal sealed class RunUser : UntypedActor
{
    private readonly IActorRef _coordinator;
    private readonly Action<StepCompleted> _stepCompleted;
    private TaskCompletionSource<int>? _ended;
    private Exception? _failure;
    private bool _isStopping;

    public RunUser(IActorRef coordinator, Action<StepCompleted> stepCompleted)
    {
        _coordinator = coordinator;
        _stepCompleted = stepCompleted;
    }

    /// <summary>Asks to train up to a step.</summary>
    /// <param name="CompletedSteps">Steps that are behind.</param>
    /// <param name="LastStep">Number of the last step.</param>
    /// <param name="Ended">Gets the number of the last step that ended, or the failure.</param>
    public sealed record TrainUntil(int CompletedSteps, int LastStep, TaskCompletionSource<int> Ended)
        : INoSerializationVerificationNeeded;

    /// <summary>Asks to end after the step under way.</summary>
    public sealed record Stop;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case TrainUntil train when _isStopping:
                train.Ended.TrySetResult(train.CompletedSteps);
                break;
            case TrainUntil train:
                _ended = train.Ended;
                _coordinator.Tell(new Train(train.LastStep), Self);
                break;
            case Stop:
                StopTraining();
                break;
            case StepCompleted step:
                Show(step);
                break;
            case TrainingEnded ended when _failure is not null:
                _ended?.TrySetException(
                    new RunFailedException($"step {ended.LastStep} cannot be shown: {_failure.Message}", ended.LastStep, _failure.ToString()));
                break;
            case TrainingEnded ended:
                _ended?.TrySetResult(ended.LastStep);
                break;
            case RunFailed failed:
                _ended?.TrySetException(new RunFailedException(failed.Reason, failed.WholeStep, failed.Detail));
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
