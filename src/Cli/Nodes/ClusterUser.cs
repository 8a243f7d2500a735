using System.Collections.Immutable;
using Actors.Cli.Runs;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Akka.Actor;

namespace Actors.Cli.Nodes;

/// <summary>
/// Stands for the person at the command towards a cluster: asks for the run, watches it, and asks another process when the one it asked
/// has gone. If it vanishes itself, the run goes on.
/// </summary>
internal sealed class ClusterUser : UntypedActor, IWithTimers
{
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(1);
    private const int MaxUnanswered = 9, MaxSilentRounds = 30;
    private readonly ClusterCaller _caller;
    private readonly TrainRun _order;
    private readonly TaskCompletionSource<int> _ended;
    private readonly Action<object, Watching> _show;
    private Watching _watching = new([], 0, 0);
    private string _asked;
    private int _unanswered;
    private int _silentRounds;
    private int _next;
    private int _seen;
    private bool _isTaken;
    private bool _isListed;
    private bool _isStopping;

    /// <summary>Makes the actor; it asks at once.</summary>
    /// <param name="caller">Leads to the cluster.</param>
    /// <param name="order">The run.</param>
    /// <param name="show">Is told of steps, checkpoints and notices.</param>
    /// <param name="ended">Gets the number of the last step, or the failure.</param>
    public ClusterUser(ClusterCaller caller, TrainRun order, Action<object, Watching> show, TaskCompletionSource<int> ended) =>
        (_caller, _order, _show, _ended, _asked) = (caller, order, show, ended, caller.Address);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Asks to end after the step under way.</summary>
    public sealed record Stop;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Tell(_order);
        Timers.StartPeriodicTimer(Renew.Instance, Renew.Instance, Renewal);
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Renew:
                Ask();
                break;
            case Watching watching:
                (_watching, _unanswered, _silentRounds, _isTaken) = (watching, 0, 0, true);
                AskWhoStays();
                break;
            case StepCompleted step:
                _seen = step.Step;
                _show(step, _watching);
                break;
            case Stop:
                _isStopping = true;
                Tell(new StopTraining());
                break;
            case TrainingEnded ended:
                _ended.TrySetResult(ended.LastStep);
                break;
            case RunFailed { NotKept: { } reason } failed:
                _ended.TrySetException(RunFailedException.NotKept(failed.Reason, failed.WholeStep, reason, failed.Detail));
                break;
            case RunFailed failed:
                _ended.TrySetException(new RunFailedException(failed.Reason, failed.Detail));
                break;
            case CheckpointFailed failed:
                _ended.TrySetException(new RunFailedException(failed.Reason, failed.Detail));
                break;
            default:
                _show(message, _watching);
                break;
        }
    }

    /// <summary>Says that it is still there. Who does not answer may have gone: another process is asked.</summary>
    private void Ask()
    {
        if (++_unanswered > MaxUnanswered)
        {
            (_unanswered, _silentRounds) = (0, _silentRounds + 1);
            ImmutableArray<string> known = _watching.Processes;
            if (!_isTaken || known.IsEmpty || _silentRounds > MaxSilentRounds)
            {
                _ended.TrySetException(_caller.NobodyAnswers());
                return;
            }

            _asked = known[_next++ % known.Length];
        }

        // What was asked may have been lost on its way: a leader knows the run by its name, also when it is over.
        if (_seen > 0 || _watching.Steps > 0)
        {
            Tell(new WatchRun(_seen));
        }

        if (_watching.Steps == 0)
        {
            Tell(_order);
        }

        if (_isStopping)
        {
            Tell(new StopTraining());
        }
    }

    /// <summary>A process that is asked and leaves is among the cluster's no more: another is asked from now on.</summary>
    private void AskWhoStays()
    {
        bool isListed = _watching.Processes.Contains(_asked);
        if (_isListed && !isListed && !_watching.Processes.IsEmpty)
        {
            _asked = _watching.Processes[0];
        }

        _isListed = isListed;
    }

    private void Tell(object message) => _caller.FrontAt(_asked).Tell(message, Self);

    private sealed record Renew : INoSerializationVerificationNeeded
    {
        public static Renew Instance { get; } = new();
    }
}
