using Akka.Actor;
using Actors.Runtime.Training;

namespace Actors.Cli.Runs;

/// <summary>Stands for the person at the command: sends requests to the coordinator and hands its answers on.</summary>
internal sealed class RunUser : UntypedActor
{
    private readonly IActorRef _coordinator;
    private readonly Action<StepCompleted> _stepCompleted;
    private TaskCompletionSource<int>? _ended;

    public RunUser(IActorRef coordinator, Action<StepCompleted> stepCompleted)
    {
        _coordinator = coordinator;
        _stepCompleted = stepCompleted;
    }

    /// <summary>Asks to train up to a step.</summary>
    /// <param name="LastStep">Number of the last step.</param>
    /// <param name="Ended">Gets the number of the last step that ended, or the failure.</param>
    public sealed record TrainUntil(int LastStep, TaskCompletionSource<int> Ended);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case TrainUntil train:
                _ended = train.Ended;
                _coordinator.Tell(new Train(train.LastStep), Self);
                break;
            case StepCompleted step:
                _stepCompleted(step);
                break;
            case TrainingEnded ended:
                _ended?.TrySetResult(ended.LastStep);
                break;
            case RunFailed failed:
                _ended?.TrySetException(new RunFailedException(failed.Reason));
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
