using Actors.Cli.Requests;
using Actors.Model.Checkpoint;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Reports;
using Actors.Tensors;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace Actors.Cli.Runs;

/// <summary>Trains through the actors.</summary>
internal sealed class ActorTraining(Composition composition, TrainRequest request, IRunProgress progress)
{
    private readonly TrainingTotals _totals = new(composition.Time);
    private readonly ILogger _log = composition.Telemetry.Loggers.CreateLogger(RunLog.Component);
    private ServingSession? _serving;
    private string? _checkpoint;
    private int _savedStep;

    public async Task<TrainingReport> RunAsync(CancellationToken stop)
    {
        ModelSource source = TrainingStart.Check(request);
        RunPlan plan = RunPlan.Of(request.Settings, source.Config) with
        {
            TraceCapacity = request.TraceFile is null ? 0 : composition.TraceCapacity,
        };
        using IBackend backend = composition.MakeBackend();
        using var memory = new RunMemory(plan, backend, composition.MakeLink, composition.Time, composition.Telemetry);
        int step = LoadValues(memory, source);
        try
        {
            return await RunSystemAsync(memory, backend, source, step, stop);
        }
        catch (RunFailedException failure)
        {
            throw new RunFailedException($"{failure.Message}; {Keep(failure, memory, source)}", null, failure.Detail);
        }
    }

    private async Task<TrainingReport> RunSystemAsync(RunMemory memory, IBackend backend, ModelSource source, int step, CancellationToken stop)
    {
        using ActorSystem system = composition.StartSystem(request.Configuration, request.Settings.Dispatcher, memory.Plan);
        try
        {
            return await TrainAsync(system, memory, backend, source, step, stop);
        }
        finally
        {
            RunLog.StoppingActors(_log);
            await system.Terminate();
            RunLog.ActorsStopped(_log);
            _serving?.Dispose();
        }
    }

    /// <summary>After a failure, once no actor runs any more: saves a state that is whole, and says where to go on from.</summary>
    private string Keep(RunFailedException failure, RunMemory memory, ModelSource source)
    {
        try
        {
            if (failure.WholeStep is { } step && step > _savedStep)
            {
                Save(step, memory, source);
            }
        }
        catch (CheckpointException refused)
        {
            return $"and the state of step {failure.WholeStep} could not be kept: {refused.Message}";
        }

        return _checkpoint is null
            ? "no checkpoint had been written: set actors.training.checkpoint-every-steps"
            : $"the last good checkpoint is {_checkpoint}";
    }

    private void Save(int step, RunMemory memory, ModelSource source)
    {
        long started = composition.Time.GetTimestamp();
        _checkpoint = TrainingCheckpoint.Save(request.OutputFolder, step, source.Hub, memory.Stream, memory.Weights, memory.Moments());
        _savedStep = step;
        RunLog.CheckpointWritten(_log, step, _checkpoint, composition.Time.GetElapsedTime(started).TotalSeconds);
    }

    private async Task<TrainingReport> TrainAsync(
        ActorSystem system, RunMemory memory, IBackend backend, ModelSource source, int step, CancellationToken stop)
    {
        var batches = new CorpusBatches(request.Corpus, request.Settings.Training);
        ActorRun run = ActorRun.Start(system, memory, new TrainerOptions
        {
            Optimizer = Plans.OptimizerOf(request.Settings.Training),
            Batches = batches,
            CompletedSteps = step,
            StallTimeout = request.Settings.Watchdog.StallTimeout,
            Time = composition.Time,
        });
        progress.Notice($"{memory.Plan.Description}, {memory.Plan.Ranks} ranks, schedule {memory.Plan.Schedule}, {backend.Name}");
        int steps = request.Settings.Training.Steps;
        int first = step;
        IActorRef user = system.ActorOf(Props.Create(() => new RunUser(run.Coordinator, done => progress.StepCompleted(_totals.Add(done, steps)))), "user");
        using CancellationTokenRegistration stopping = stop.Register(() =>
        {
            RunLog.Stopping(_log);
            user.Tell(new RunUser.Stop(), ActorRefs.NoSender);
        });
        while (step < steps && !stop.IsCancellationRequested)
        {
            int target = NextStop(step, steps);
            var ended = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            user.Tell(new RunUser.TrainUntil(step, target, ended), ActorRefs.NoSender);
            step = await ended.Task;
            Save(step, memory, source);
        }

        WriteTrace(memory, first, step);
        IReadOnlyList<HopTraffic> traffic = TrainingTotals.Traffic(memory);
        double? heldOut = await HeldOutLossAsync(run, batches, stop);
        TextSample? sample = await SampleAsync(system, memory, backend, stop);
        return new TrainingReport
        {
            Step = step,
            Steps = steps,
            Tokens = _totals.Tokens,
            Elapsed = _totals.Elapsed,
            Loss = _totals.Loss,
            HeldOutLoss = heldOut,
            Sample = sample,
            Time = _totals.Shares(),
            Traffic = traffic,
            CheckpointFolder = _checkpoint,
            WasInterrupted = stop.IsCancellationRequested && step < steps,
        };
    }

    private int LoadValues(RunMemory memory, ModelSource source)
    {
        if (request.ResumeFolder is not null)
        {
            int step = TrainingCheckpoint.Load(source.Folder!, memory.Stream, memory.Weights, memory.Moments());
            TrainingStart.CheckStepsLeft(request, step);
            (_checkpoint, _savedStep) = (source.Folder, step);
            return step;
        }

        if (source.Folder is not null)
        {
            TrainingCheckpoint.LoadModel(source.Folder, memory.Stream, memory.Weights);
        }
        else
        {
            memory.Weights.Initialize(memory.Stream, (ulong)request.Settings.Training.Seed);
        }

        return 0;
    }

    /// <summary>The step at which training pauses for a checkpoint.</summary>
    private int NextStop(int step, int steps)
    {
        int every = request.Settings.Training.CheckpointEverySteps;
        return every == 0 ? steps : Math.Min(steps, ((step / every) + 1) * every);
    }

    /// <summary>The held-out loss; null where nothing is held out, or a stop is asked for.</summary>
    private static async Task<double?> HeldOutLossAsync(ActorRun run, CorpusBatches batches, CancellationToken stop)
    {
        double sum = 0;
        long targets = 0;
        foreach (RunBatch batch in batches.HeldOut())
        {
            if (stop.IsCancellationRequested)
            {
                return null;
            }

            BatchCompleted completed = await RunAsync(run, batch);
            sum += completed.Loss * completed.Targets;
            targets += completed.Targets;
        }

        return targets == 0 ? null : sum / targets;
    }

    private static async Task<BatchCompleted> RunAsync(ActorRun run, RunBatch batch)
    {
        try
        {
            return await run.RunAsync(batch);
        }
        catch (InvalidOperationException failure)
        {
            throw new RunFailedException($"the held-out loss: {failure.Message}", null, failure.ToString());
        }
    }

    private async Task<TextSample?> SampleAsync(ActorSystem system, RunMemory memory, IBackend backend, CancellationToken stop)
    {
        if (stop.IsCancellationRequested || !ServingSession.CanSpeak(memory.Plan.Model))
        {
            return null;
        }

        RunPlan plan = memory.Plan with { PipelineRanks = 1, DataGroups = 1 };
        _serving = ServingSession.Start(composition, system, plan, request.Settings, backend, memory.Weights);
        ReadOnlyMemory<byte> text = request.Corpus.HeldOut.Length > 0 ? request.Corpus.HeldOut : request.Corpus.Training;
        return await _serving.SampleAsync(text, request.Settings.Inference, stop);
    }

    /// <summary>Writes the trace of the steps after <paramref name="first"/> up to <paramref name="last"/>, and says what is not in it.</summary>
    private void WriteTrace(RunMemory memory, int first, int last)
    {
        if (request.TraceFile is not { } file)
        {
            return;
        }

        TraceLoss loss = TraceLoss.Of(memory);
        if (loss.WholeSteps == 0)
        {
            progress.Notice($"trace: {file} is not written, no whole step was traced; {composition.TraceCapacity} events a rank fit");
            return;
        }

        if (Path.GetExtension(file).Equals(".svg", StringComparison.OrdinalIgnoreCase))
        {
            File.WriteAllText(file, MeasuredTimetable.Draw(memory, composition.Time));
        }
        else
        {
            ChromeTrace.Write(file, memory, composition.Time);
        }

        int traced = first + loss.WholeSteps;
        progress.Notice(loss.Dropped == 0
            ? $"trace: {file}"
            : $"trace: {file} ends with step {traced} of {last}: {loss.Dropped} events beyond {composition.TraceCapacity} a rank were dropped; "
                + $"to trace all, train fewer steps: --steps {traced}");
    }
}
