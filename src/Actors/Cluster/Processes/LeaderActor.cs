using System.Collections.Immutable;
using Actors.Model.Parameters;
using Actors.Runtime.Cluster.Processes.Serving;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Dispatching;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Actors.Runtime.Training.Copies;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>
/// Leads a cluster, one at a time in it: takes a run, places the plan's nodes on the processes that are up, and leaves the steps to a
/// coordinator. When a process is lost the placement is given up everywhere and made again under a higher epoch, from the state in memory where
/// copies make it whole, or else from the last checkpoint. A leader that takes over learns from the processes what is under way.
/// </summary>
internal sealed partial class LeaderActor : UntypedActor, IWithTimers
{
    private const int MaxFailedPlacements = 3;

    private readonly LeaderOptions _options;
    private readonly ClusterMembers _members;
    private readonly IClusterMembership _cluster;
    private readonly ILogger _log;
    private readonly RunWatchers _watchers;
    private (TrainRun? Order, object? Message) _lastEnd;
    private ProcessPlacement? _placement;
    private TrainRun? _order;
    private IClusterRun? _run;
    private int _epoch;
    private int _placements;
    private int _wanted;
    private int _failedPlacements;
    private int _completedStep;
    private long _since;
    private bool _isOpening;
    private bool _isAdopted;
    private string? _lastFolder;
    private IActorRef _serving = ActorRefs.Nobody;

    /// <summary>Makes the leader.</summary>
    public LeaderActor(LeaderOptions options)
    {
        _options = options;
        _cluster = options.Membership;
        _members = new ClusterMembers(options.Identity, _cluster);
        _wanted = options.Processes;
        _watchers = new RunWatchers(options.Time);
        _log = options.Telemetry.Loggers.CreateLogger(ProcessLog.Component);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Waited => _options.Time.GetElapsedTime(_since);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _cluster.Subscribe(Self);
        _serving = _options.Serving is { } serving ? Context.ActorOf(Props.Create(() => new ServingLeaderActor(serving)), ProcessNames.Serving) : _serving;
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, TimeSpan.FromMilliseconds(200));
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        _run?.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case var told when _cluster.ChangeIn(told) is { } change:
                Changed(change);
                break;
            case ProcessIntroduced introduced:
                Introduced(introduced);
                break;
            case Tick:
                _members.Ask(Context, Self);
                Advance();
                break;
            case TrainRun order:
                Take(order, Sender);
                break;
            case RunOpened opened:
                Opened(opened.Order, opened.Run);
                break;
            case RunRefused refused:
                Refused(refused.Order, refused.Reason);
                break;
            case WatchRun watch:
                Watch(Sender, watch.After);
                break;
            case ShareHolding or ShareHeld:
            case CheckpointSaved or CheckpointFailed when Sender.Equals(_rescue?.Saving):
            case Terminated when Sender.Equals(_rescue?.Coordinator):
                Rescued(message);
                break;
            case Terminated:
                break;
            case DescribeCluster:
                Sender.Tell(new ClusterDescribed(_members.Describe(member => _placement?.NodesOf(member) ?? []), RunText()), Self);
                break;
            case StopTraining:
                Stop();
                break;
            case IInferenceRequest request:
                _serving.Forward(request is BeginInference { From: null } begin ? begin with { From = _lastFolder } : request);
                break;
            case ReadTokenizer read:
                _serving.Forward(read.From is null ? read with { From = _lastFolder } : read);
                break;
            case LeaveCluster leave:
                Answer(leave.Process!, Leave);
                break;
            case DownProcess down:
                Answer(down.Process!, Down);
                break;
            default:
                HandlePlacement(message);
                break;
        }
    }

    private void HandlePlacement(object message)
    {
        switch (message)
        {
            case SharePrepared prepared when _placement?.Prepared(prepared) == true:
                Lead(_placement);
                break;
            case ShareRefused refused when refused.Epoch == _placement?.Epoch && !_placement.IsAbandoned:
                _failedPlacements++;
                Abandon($"{_placement.NameOf(refused.Process)} cannot take its share: {refused.Reason}");
                break;
            case PeerLost lost when lost.Epoch == _placement?.Epoch:
                _placement.Accuse(lost.Peer);
                Abandon($"{_placement.NameOf(lost.Process)} has lost {_placement.NameOf(lost.Peer)}: {lost.Reason}");
                break;
            case ShareDropping dropping when dropping.Epoch == _placement?.Epoch:
                _placement.Heard(Sender);
                break;
            case ShareDropped dropped when dropped.Epoch == _placement?.Epoch:
                _placement.Dropped(Sender);
                Advance();
                break;
            case TrainingEnded when IsUnderWayAt(Sender) && MustHandOver:
            case HeldOutMeasured { Loss: null } when IsUnderWayAt(Sender) && !_isStopAsked && IsLeft:
                HandOver();
                break;
            case TrainingEnded when IsUnderWayAt(Sender) && !_isStopAsked:
                Sender.Tell(new MeasureHeldOut(), Self);
                break;
            case HeldOutMeasured measured when IsUnderWayAt(Sender):
                End(new TrainingEnded(measured.Step, measured.Loss, _isStopAsked ? null : _run!.Sample));
                break;
            case TrainingEnded or RunFailed or CheckpointFailed when IsUnderWayAt(Sender):
                End(message);
                break;
            case StepCompleted step when Sender.Equals(_placement?.Coordinator):
                (_completedStep, _failedPlacements) = (step.Step, 0);
                CountRecovery();
                _watchers.Tell(step, Self);
                break;
            case ProcessWaited waited when Sender.Equals(_placement?.Coordinator):
                Take(waited);
                break;
            case SharePrepared or ShareRefused or PeerLost or ShareDropping or ShareDropped or TrainingEnded or HeldOutMeasured or RunFailed or CheckpointFailed or StepCompleted or ProcessWaited:
                break;
            default:
                if (Sender.Equals(_placement?.Coordinator))
                {
                    _watchers.Tell(message, Self);
                }

                break;
        }
    }

    /// <summary>
    /// Whether an actor leads the run that is under way. A coordinator that is asked to stop when it has ended says so twice; what one says whose placement
    /// was given up meanwhile the next one finds again.
    /// </summary>
    private bool IsUnderWayAt(IActorRef coordinator) =>
        _run is not null && _placement is { IsAbandoned: false } placement && coordinator.Equals(placement.Coordinator);

    private void Changed(MemberChange change)
    {
        if (change.Gone is { } why)
        {
            Lose(change.Address, why);
        }
        else
        {
            _members.Add(change.Address, change.Roles);
        }
    }

    private void Introduced(ProcessIntroduced introduced)
    {
        if (_members.Introduced(introduced, Sender) is { } refused)
        {
            Notice($"{introduced.Process.Name} is not placed on: {refused}");
        }

        Adopt();
        AskAdopted();
        TakeWhoAsked();
        Advance();
        DropLeftovers();
    }

    /// <summary>Takes the run's folder, aside, since that waits for the disk.</summary>
    private void OpenRun()
    {
        _isOpening = true;
        (Func<TrainRun, IClusterRun> open, TrainRun order) = (_options.OpenRun, _order!);
        BackgroundSetup.Run(Context, () => open(order)).PipeTo(Self, Self, run => new RunOpened(order, run), failure => new RunRefused(order, failure));
    }

    private void Opened(TrainRun order, IClusterRun run)
    {
        _isOpening = false;
        if (_order != order)
        {
            run.Dispose();
            return;
        }

        (_run, _since, _lastFolder) = (run, _options.Time.GetTimestamp(), _order.OutputFolder);
        _completedStep = Math.Max(_completedStep, run.Step);
        Advance();
    }

    /// <summary>The process of the leader before may hold the folder for a while yet: it has to notice that it is alone.</summary>
    private void Refused(TrainRun order, Exception refusal)
    {
        _isOpening = false;
        if (_order == order && (!_isAdopted || Waited > _options.PlaceTimeout))
        {
            End(new RunFailed(refusal.Message, null, refusal.ToString()));
        }
    }

    /// <summary>Does what can be done now: frees what is left of a placement, makes the next one.</summary>
    private void Advance()
    {
        if (_rescue is { } rescue)
        {
            AdvanceRescue(rescue);
        }

        if (_placement is { IsAbandoned: true } abandoned)
        {
            DownTheSilent(abandoned);
            if (_rescue is null && abandoned.IsDropped)
            {
                _placement = null;
            }
        }

        if (_placement is { IsStanding: false, IsAbandoned: false } && Waited > _options.PlaceTimeout)
        {
            _failedPlacements++;
            Abandon($"not all processes had taken their share after {_options.PlaceTimeout.TotalSeconds:0} s");
        }

        LetGo();
        Grow();
        if (_order is null || _placement is not null || _isOpening)
        {
            return;
        }

        if (_run is null)
        {
            OpenRun();
            return;
        }

        if (_rescue is not null)
        {
            return;
        }

        if (_failedPlacements >= MaxFailedPlacements)
        {
            End(new RunFailed($"the run could not be placed {MaxFailedPlacements} times in a row: look at the notices before", _run.Step));
        }
        else
        {
            Gather(_run);
        }
    }

    private void Place(RunPlan plan, IReadOnlyList<ClusterMember> ready)
    {
        (_epoch, _placements) = (_epoch + 1, _placements + 1);
        _placement = ProcessPlacement.Of(_epoch, plan, ready, _run!.Step);
        (_fault, _waited, _hasBegun, _isGrowing) = (null, null, true, false);
        _wanted = ready.Count;
        _since = _options.Time.GetTimestamp();
        ProcessLog.Placing(_log, _epoch, plan.Nodes, _placement.Members.Length);
        Notice($"{plan.Description} on {_placement.Members.Length} {(_placement.Members.Length == 1 ? "process" : "processes")}{SmallerText(plan)}");
        if (_completedStep > _run.Step)
        {
            _options.Telemetry.Meters?.Cluster.Repeats(_completedStep - _run.Step);
            Notice($"steps {_run.Step + 1} to {_completedStep} are trained again, from {_run.Checkpoint ?? "the start"}");
        }
        else if (_placements == 1 && _epoch > 1 && !_isRescued)
        {
            // How far a leader before has come is not known here.
            Notice($"a new leader goes on from {_run.Checkpoint ?? "the start"}: steps after {_run.Step} that had ended are trained again");
        }

        _placement.Prepare(_run.Checkpoint, _order!, Self);
        DropLeftovers();
    }

    /// <summary>Has those give up their shares who were placed on by a leader before and are not by this one.</summary>
    private void DropLeftovers()
    {
        if (_placement is null && (_order is not null || _lastEnd.Order is null))
        {
            return;
        }

        foreach (ClusterMember member in _members.Ready.Where(member => _placement is null || _placement.NodesOf(member).IsEmpty))
        {
            if (member.Description.Held is { } held && held.Epoch <= _epoch)
            {
                member.Process.Tell(new DropShare(held.Epoch), Self);
            }
        }
    }

    private void Lead(ProcessPlacement placement)
    {
        // What the coordinator before was saving may have got its name since the values of this placement were chosen.
        TrainerOptions options = _run!.Options with { CompletedSteps = placement.CompletedSteps };
        (RunPlan plan, Telemetry telemetry) = (placement.Plan, _options.Telemetry);
        var catalog = new BlockCatalog(plan.Model, plan.ExpertPlacement());
        (ImmutableArray<IActorRef> nodes, ImmutableArray<RunProcess> processes) = (placement.Nodes, placement.Processes);
        placement.Coordinator = Context.ActorOf(
            Props.Create(() => new CoordinatorActor(plan, catalog, options, telemetry, nodes, processes)), $"coordinator-{placement.Epoch}");
        _options.Telemetry.Meters?.Cluster.Placed(placement.Epoch, placement.Members.Length);
        placement.Coordinator.Tell(new Train(_run.LastStep, _run.CheckpointEverySteps), Self);
    }

    private void End(object last)
    {
        _watchers.Tell(last, Self);
        _lastEnd = (_order, last);
        _run?.Dispose();
        (_run, _order, _failedPlacements, _isAdopted, _completedStep) = (null, null, 0, false, 0);
        (_isStopAsked, _lostAt, _fault, _waited, _hasBegun, _isGrowing) = (false, null, null, null, false, false);
        LeaveRescue();
        if (_placement is { IsAbandoned: false } placement)
        {
            Drop(placement);
        }

        DropLeftovers();
    }

    private void Notice(string text)
    {
        ProcessLog.Notice(_log, text);
        _watchers.Tell(new RunNotice(text), Self);
    }

    private sealed record RunOpened(TrainRun Order, IClusterRun Run) : INoSerializationVerificationNeeded;

    private sealed record RunRefused(TrainRun Order, Exception Reason) : INoSerializationVerificationNeeded;

    private sealed record Tick : INoSerializationVerificationNeeded
    {
        public static Tick Instance { get; } = new();
    }
}
