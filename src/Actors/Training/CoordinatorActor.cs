using System.Collections.Immutable;
using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Runtime.Cluster;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training.Checkpoints;
using Actors.Runtime.Training.Results;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Training;

/// <summary>
/// Leads a run: places ranks on nodes, runs steps one after the other, and tells the user. A step is: play the timetable on
/// every rank, once or in several passes, sum gradients over ranks, then update, each begun when every rank has ended the one before. It decides when the
/// state is saved: between steps, at the end, and after a failure that left it whole. One request at a time; others wait.
/// </summary>
public sealed partial class CoordinatorActor : UntypedActor, IWithUnboundedStash, IWithTimers
{
    private readonly RunPlan _plan;
    private readonly BlockCatalog _blocks;
    private readonly Telemetry _telemetry;
    private readonly TrainerOptions _options;
    private readonly IReadOnlyList<IActorRef> _nodes;
    private readonly ImmutableArray<RunProcess> _processes;
    private readonly RankDirectory _ranks;
    private readonly StepResults _results;
    private readonly StallWatch _watch;
    private readonly ProcessWaits? _waits;
    private readonly ILogger _log;
    private readonly BatchSchedule _schedule;
    private readonly StepPasses _passes;
    private readonly StepLosses _losses;
    private StepCompleted? _completing;
    private IActorRef _user = ActorRefs.Nobody;
    private IActorRef _checkpoints = ActorRefs.Nobody;
    private RunBatch? _batch;
    private RunStep? _playing;
    private HeldOutSum? _heldOut;
    private long _started;
    private int _step;
    private int _lastStep;
    private int _checkpointEverySteps;
    private double _norm;
    private string? _suspect;
    private RunFailed? _failed;
    private bool _isUpdating;

    /// <summary>Makes the coordinator; it places ranks at once and stashes requests until they live.</summary>
    /// <param name="plan">Shape of the run.</param>
    /// <param name="blocks">The model's blocks by number.</param>
    /// <param name="options">How to train.</param>
    /// <param name="telemetry">Where the run logs and counts.</param>
    /// <param name="nodes">A node actor for each node of the plan.</param>
    /// <param name="processes">The processes that the nodes live in.</param>
    public CoordinatorActor(
        RunPlan plan, BlockCatalog blocks, TrainerOptions options, Telemetry telemetry, IReadOnlyList<IActorRef> nodes,
        ImmutableArray<RunProcess> processes)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(telemetry);
        (_plan, _blocks, _options, _telemetry, _nodes, _processes) = (plan, blocks, options, telemetry, nodes, processes);
        _ranks = new RankDirectory(plan);
        _results = new StepResults(plan.Ranks);
        _waits = processes.Length > 1 ? new ProcessWaits(plan, processes) : null;
        _step = options.CompletedSteps;
        _schedule = plan.Batches ?? new BatchSchedule(plan.Sequences, plan.SequenceLength);
        _passes = new StepPasses(_schedule);
        _losses = new StepLosses(plan.Model, options.Optimizer);
        _log = telemetry.Loggers.CreateLogger(CoordinatorLog.Component);
        _watch = new StallWatch(plan.Ranks, options.StallTimeout, options.Time, _log);
    }

    /// <summary>Where the step under way stands.</summary>
    private StepPosition Position => _schedule.PositionOf(_step + 1);

    private bool IsTraining => _batch is null && _heldOut is null;

    private string Work => _heldOut is { } heldOut ? $"batch {heldOut.Batch + 1} of the held-out text" : _batch is null ? $"step {_step + 1}" : "batch";

    private string Advice => IsTraining
        ? "lower the learning rate, or look at the data"
        : "the model's values are damaged or too large for float32";

    /// <inheritdoc/>
    public IStash Stash { get; set; } = null!;

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        CoordinatorLog.PlacingRanks(_log, _plan.Ranks, _plan.Description, _plan.Schedule, _plan.MicroBatches, (long)_schedule.SequencesOf(_step + 1) * _plan.SequenceLength, _step);
        _ranks.Place(_nodes, Self);
        _watch.Start(Timers);
        if (_options.Checkpoints is { } folder)
        {
            (RunPlan plan, ImmutableArray<RunProcess> processes, TimeProvider time) = (_plan, _processes, _options.Time);
            _checkpoints = Context.ActorOf(Props.Create(() => new CheckpointActor(plan, folder, processes, time)), "checkpoints");
        }
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case RankPlaced placed:
                _watch.Heard();
                _ranks.Add(placed, Self);
                break;
            case RanksConnected connected:
                Connected(connected);
                break;
            case RankFailed failed:
                GiveUp($"rank {failed.Rank} failed: {failed.Reason}", _step, failed.Detail);
                break;
            case StallWatch.Tick when _watch.HasTimedOut():
                GiveUp($"not all of the {_plan.Ranks} ranks were made within {_options.StallTimeout.TotalSeconds:0.###} s (actors.watchdog.stall-timeout)", _step);
                break;
            case StallWatch.Tick:
                break;
            default:
                Stash.Stash();
                break;
        }
    }

    private void Connected(RanksConnected connected)
    {
        _watch.Heard();
        if (_ranks.Add(connected))
        {
            CoordinatorLog.RanksPlaced(_log, _plan.Ranks);
            BecomeIdle();
        }
    }

    private void Idle(object message)
    {
        switch (message)
        {
            case Train train when _options.Batches is null:
                Sender.Tell(new RunFailed("this run has no data to train on; give it some"), Self);
                break;
            case Train train:
                _user = Sender;
                (_lastStep, _checkpointEverySteps) = (train.LastStep, train.CheckpointEverySteps);
                NextStep();
                break;
            case RunBatch batch:
                _user = Sender;
                _batch = batch;
                BeginBatch(batch);
                break;
            case MeasureHeldOut:
                _user = Sender;
                BeginHeldOut();
                break;
            case StopTraining:
                (_user, _lastStep) = (Sender, _step);
                NextStep();
                break;
            case ReadResult read:
                _ranks.TellStage(read.Rank, read, Sender);
                break;
            case RankFailed failed:
                GiveUp($"rank {failed.Rank} failed: {failed.Reason}", _step, failed.Detail);
                break;
            case StateDescribed or StallWatch.Tick:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void NextStep()
    {
        if (_step >= _lastStep && IsUnsaved)
        {
            Save(_step, Saving);
            return;
        }

        if (_step >= _lastStep)
        {
            CoordinatorLog.TrainingEnded(_log, _step);
            _user.Tell(new TrainingEnded(_step), Self);
            BecomeIdle();
            return;
        }

        _batch = null;
        _options.Batches!.CountTargets(_step + 1, _schedule.SequencesOf(_step + 1), _plan.SequenceLength, _losses.Targets);
        BeginStep(StepMode.Train, capture: false);
    }

    private void BeginBatch(RunBatch batch)
    {
        if (batch.Ids.Length != _plan.TokensPerStep || batch.Targets.Length != _plan.TokensPerStep)
        {
            _user.Tell(
                new RunFailed($"a batch of this run has {_plan.Sequences} sequences of {_plan.SequenceLength} tokens; {batch.Ids.Length} ids and {batch.Targets.Length} targets were given"),
                Self);
            BecomeIdle();
            return;
        }

        _losses.Count(batch.Targets.AsSpan(), _plan.SequenceLength);
        BeginStep(batch.Gradients ? StepMode.Train : StepMode.Evaluate, batch.Capture);
    }

    private void Stepping(object message)
    {
        switch (message)
        {
            case StagePlayed played:
                _watch.Heard();
                _waits?.Add(played);
                if (_results.Add(played))
                {
                    Played();
                }

                break;
            case GradientsReduced reduced:
                _watch.Heard();
                if (_results.Add(reduced))
                {
                    Reduced();
                }

                break;
            case UpdateApplied:
                _watch.Heard();
                if (_results.AddApplied())
                {
                    Updated();
                }

                break;
            case RankFailed failed:
                GiveUp($"step {_step + 1}: rank {failed.Rank} failed: {failed.Reason}", _isUpdating ? null : _step, failed.Detail);
                break;
            case StopTraining:
                _lastStep = Math.Min(_lastStep, _step + 1);
                StopHeldOut();
                break;
            case StallWatch.Tick:
                if (_watch.MustAsk(out string? stalled))
                {
                    TellStages(new DescribeState());
                }

                GiveUpIf(stalled);
                break;
            case StateDescribed described:
                GiveUpIf(_watch.Add(described));
                break;
            default:
                Stash.Stash();
                break;
        }
    }

    private void Reduced()
    {
        _norm = _results.GradientNorm();
        if (!double.IsFinite(_norm))
        {
            string block = _blocks.NameOf(_results.FirstNonFiniteBlock());
            GiveUp($"{Work}: the norm of the gradients is {_norm}, first seen in that of {block}: {Advice}");
        }
        else if (_batch is not null)
        {
            EndBatch();
        }
        else
        {
            _isUpdating = true;
            ImmutableArray<LayerLoad> load = _results.Load();
            _completing = new StepCompleted(
                _step + 1, _losses.Main, _norm, _options.Optimizer.LearningRate.At(Position), (long)_schedule.SequencesOf(_step + 1) * _plan.SequenceLength,
                _options.Time.GetElapsedTime(_started).TotalSeconds, _passes.Times, load, _passes.MaxNodesOfToken, _passes.MeanNodesOfToken(load, _plan), _losses.OfModules,
                _losses.Balance);
            TellStages(new ApplyUpdate(_options.Optimizer.StepFor(Position, _norm), _completing, (float)_options.Optimizer.BiasUpdateSpeedAt(Position)));
        }
    }

    private void Updated()
    {
        _step++;
        _isUpdating = false;
        StepCompleted completed = _completing! with { Seconds = _options.Time.GetElapsedTime(_started).TotalSeconds };
        CoordinatorLog.StepCompleted(_log, _step, _losses.Main, _norm, completed.Seconds);
        _telemetry.Meters?.StepCompleted(completed, _options.Time);
        _user.Tell(completed, Self);
        if (_waits?.EndStep() is { } waited)
        {
            _user.Tell(waited, Self);
        }

        if (_checkpointEverySteps > 0 && _step % _checkpointEverySteps == 0 && IsUnsaved)
        {
            Save(_step, Saving);
        }
        else
        {
            NextStep();
        }
    }

    private void EndBatch()
    {
        CoordinatorLog.BatchCompleted(_log, _losses.Main, _losses.Targets[0]);
        _user.Tell(new BatchCompleted(_losses.Main, (int)_losses.Targets[0], _losses.OfModules), Self);
        BecomeIdle();
    }

    private void BecomeIdle()
    {
        Become(Idle);
        Stash.UnstashAll();
    }

    private void TellStages(object message) => _ranks.TellStages(message, Self);
}
