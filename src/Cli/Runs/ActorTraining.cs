using System.Text;
using Actors.Cli.Outputs;
using Actors.Cli.Requests;
using Actors.Model.Training;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Reports;
using Actors.Runtime.Training.Results;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace Actors.Cli.Runs;

/// <summary>Trains through the actors.</summary>
internal sealed class ActorTraining(Composition composition, TrainRequest request, IRunProgress progress)
{
    private readonly TrainingTotals _totals = new(composition.Time);
    private readonly ILogger _log = composition.Telemetry.Loggers.CreateLogger(RunLog.Component);
    private ServingSession? _serving;

    public async Task<TrainingReport> RunAsync(CancellationToken stop)
    {
        using TrainingStart start = TrainingStart.Open(composition, request, progress);
        RunPlan plan = RunPlan.Of(request.Settings, start.Source.Config) with
        {
            TraceCapacity = request.TraceFile is null ? 0 : request.Settings.Trace.EventsPerRank,
        };
        using OpenDevices devices = composition.Open(request.Settings, trains: true);
        using var host = new TrainingHost(plan, devices.Ranks, composition.Time, composition.Telemetry);
        start.LoadValues(host.Parts(), host.Moments, progress);
        try
        {
            return await RunSystemAsync(host, devices, start, stop);
        }
        catch (RunFailedException failure) when (!failure.SaysCheckpoint)
        {
            throw new RunFailedException($"{failure.Message}; {start.LastGood}", failure.Detail);
        }
    }

    private async Task<TrainingReport> RunSystemAsync(TrainingHost host, OpenDevices devices, TrainingStart start, CancellationToken stop)
    {
        using ActorSystem system = composition.StartSystem(request.Configuration, request.Settings.Dispatcher, host.Plan, overlaps: true);
        try
        {
            return await TrainAsync(system, host, devices, start, stop);
        }
        finally
        {
            RunLog.StoppingActors(_log);
            await system.Terminate();
            RunLog.ActorsStopped(_log);
            _serving?.Dispose();
        }
    }

    private async Task<TrainingReport> TrainAsync(
        ActorSystem system, TrainingHost host, OpenDevices devices, TrainingStart start, CancellationToken stop)
    {
        ActorRun run = ActorRun.Start(system, host, new TrainerOptions
        {
            Optimizer = Plans.OptimizerOf(request.Settings.Training),
            Batches = request.Corpus.Batches(request.Settings.Training),
            Checkpoints = start,
            CompletedSteps = start.Step,
            StallTimeout = request.Settings.Watchdog.StallTimeout,
            Time = composition.Time,
        });
        progress.Notice(
            $"{host.Plan.Description}, {host.Plan.Ranks} ranks, schedule {host.Plan.Schedule}, {devices.Name}"
            + $"{(request.Memory is { } planned ? $", memory: about {MemoryCheck.Text(planned.All.Total)}" : "")}");
        if (request.Memory is { } memory)
        {
            progress.MemoryPlanned(memory);
        }

        int steps = request.Settings.Training.Steps;
        IActorRef user = system.ActorOf(
            Props.Create(() => new RunUser(
                run.Coordinator, done => progress.StepCompleted(_totals.Add(done, steps)),
                saved => RunLog.CheckpointWritten(_log, saved.Step, saved.Folder, saved.Seconds))),
            "user");
        using CancellationTokenRegistration stopping = stop.Register(() =>
        {
            RunLog.Stopping(_log);
            user.Tell(new RunUser.Stop(), ActorRefs.NoSender);
        });
        var ended = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        user.Tell(new RunUser.Begin(new Train(steps, request.Settings.Training.CheckpointEverySteps), ended), ActorRefs.NoSender);
        int step = await ended.Task;
        RankTraffic moved = await ResultOfAsync("what was moved", run.ReadTrafficAsync());
        if (start.TraceFile is { } traceFile)
        {
            WriteTrace(await ResultOfAsync("the trace", run.ReadTraceAsync()), traceFile, start.Step, step);
        }

        double? heldOut = await HeldOutLossAsync(run, stop);
        progress.MemoryTaken(host.MemoryTaken());
        TextSample? sample = await SampleAsync(system, host, devices, start.Checkpoint!, stop);
        return new TrainingReport
        {
            Step = step,
            Steps = steps,
            Tokens = _totals.Tokens,
            Elapsed = _totals.Elapsed,
            Loss = _totals.Loss,
            HeldOutLoss = heldOut,
            MeasuresHeldOut = !stop.IsCancellationRequested,
            Sample = sample,
            Time = _totals.Shares(host.Plan.Ranks),
            DeviceIdleFraction = _totals.DeviceIdle,
            Traffic = TrainingTotals.Traffic(moved),
            CheckpointFolder = start.Checkpoint,
            WasInterrupted = stop.IsCancellationRequested && step < steps,
        };
    }

    /// <summary>The held-out loss; null where nothing is held out, or a stop is asked for.</summary>
    private static async Task<double?> HeldOutLossAsync(ActorRun run, CancellationToken stop)
    {
        if (stop.IsCancellationRequested)
        {
            return null;
        }

        Task<double?> measured = run.MeasureHeldOutAsync();
        using CancellationTokenRegistration stopping = stop.Register(() => run.Coordinator.Tell(new StopTraining(), ActorRefs.NoSender));
        return await ResultOfAsync("the held-out loss", measured);
    }

    private static async Task<T> ResultOfAsync<T>(string what, Task<T> result)
    {
        try
        {
            return await result;
        }
        catch (InvalidOperationException failure)
        {
            throw new RunFailedException($"{what}: {failure.Message}", failure.ToString());
        }
    }

    private async Task<TextSample?> SampleAsync(ActorSystem system, TrainingHost host, OpenDevices devices, string checkpoint, CancellationToken stop)
    {
        if (stop.IsCancellationRequested || ServingSession.SampleOf(host.Plan, request.Settings, request.Corpus) is not { } sample)
        {
            return null;
        }

        RunPlan plan = ServingSession.SamplePlanOf(host.Plan);
        InferenceOptions options = ServingSession.SampleOptionsOf(plan, request.Settings);

        // One domain holds the whole model and lends it; of several each holds a part, and the sample reads what was saved.
        _serving = host.Parts() is [var whole]
            ? ServingSession.Start(composition, system, plan, options, devices, request.Corpus.Tokenizer, whole.Weights)
            : ServingSession.Start(composition, system, plan, options, devices, request.Corpus.Tokenizer, load: served => ModelSource.Load(checkpoint, served.Parts(), progress));
        var answer = new StringBuilder();
        await _serving.GenerateAsync(sample, piece => answer.Append(piece), stop);
        return ServingSession.SampleText(request.Corpus.Tokenizer, sample, answer);
    }

    /// <summary>Writes the trace of the steps after <paramref name="first"/> up to <paramref name="last"/>, and says what is not in it.</summary>
    private void WriteTrace(RunTrace trace, OutputFile output, int first, int last)
    {
        string file = request.TraceFile!;
        int capacity = trace.Plan.TraceCapacity;
        TraceLoss loss = TraceLoss.Of(trace);
        if (loss.WholeSteps == 0)
        {
            progress.Notice($"trace: {file} is not written, no whole step was traced; {capacity} events a rank fit (actors.trace.events-per-rank)");
            return;
        }

        if (Path.GetExtension(file).Equals(".svg", StringComparison.OrdinalIgnoreCase))
        {
            output.WriteText(MeasuredTimetable.Draw(trace, composition.Time));
        }
        else
        {
            output.Write(beside => ChromeTrace.Write(beside, trace, composition.Time));
        }

        int traced = first;
        BatchSchedule batches = request.Settings.Training.PlanBatches();
        for (int plays = loss.WholeSteps; traced < last && plays >= batches.PassesOf(traced + 1); traced++)
        {
            plays -= batches.PassesOf(traced + 1);
        }

        progress.Notice(loss.Dropped == 0
            ? $"trace: {file}"
            : $"trace: {file} ends with step {traced} of {last}: {loss.Dropped} events beyond {capacity} a rank were dropped; "
                + $"to trace all, train fewer steps: --steps {traced}, or raise actors.trace.events-per-rank");
    }
}
