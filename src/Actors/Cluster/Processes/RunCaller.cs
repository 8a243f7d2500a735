using System.Collections.Immutable;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>
/// Stands for a caller towards a cluster: asks for the run, watches it, and asks another process when the one it asked has gone. If it
/// vanishes itself, the run goes on.
/// </summary>
public sealed class RunCaller : UntypedActor, IWithTimers
{
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(1);
    private const int MaxUnanswered = 9, MaxSilentRounds = 30;
    private readonly Func<string, ICanTell> _frontAt;
    private readonly TrainRun _order;
    private readonly Action<object?> _ended;
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
    /// <param name="process">Address of the process that is asked first.</param>
    /// <param name="frontAt">Receives callers at the process of an address.</param>
    /// <param name="order">The run.</param>
    /// <param name="show">Is told of steps, checkpoints and notices.</param>
    /// <param name="ended">Is told of the run's end: <see cref="TrainingEnded"/>, <see cref="RunFailed"/>, <see cref="CheckpointFailed"/>; null: nobody answers.</param>
    public RunCaller(string process, Func<string, ICanTell> frontAt, TrainRun order, Action<object, Watching> show, Action<object?> ended) =>
        (_asked, _frontAt, _order, _show, _ended) = (process, frontAt, order, show, ended);

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
            case TrainingEnded or RunFailed or CheckpointFailed:
                Timers.CancelAll();
                _ended(message);
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
                _ended(null);
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

    private void Tell(object message) => _frontAt(_asked).Tell(message, Self);

    private sealed record Renew : INoSerializationVerificationNeeded
    {
        public static Renew Instance { get; } = new();
    }
}
