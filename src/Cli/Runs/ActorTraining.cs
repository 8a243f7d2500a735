using Akka.Actor;
using Actors.Cli.Requests;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Reports;
using Actors.Tensors;

namespace Actors.Cli.Runs;

/// <summary>Trains through the actors.</summary>
internal sealed class ActorTraining(Composition composition, TrainRequest request, IRunProgress progress)
{
    /// <summary>Events kept for a rank by <c>--trace</c>: about 100 bytes each.</summary>
    private const int TraceCapacity = 200_000;

    private readonly TrainingTotals _totals = new(composition.Time);
    private ServingSession? _serving;

    public async Task<TrainingReport> RunAsync(CancellationToken stop)
    {
        ModelSource source = ModelSource.Of(request.Settings, request.ResumeFolder);
        if (source.Folder is not null)
        {
            request.Settings.CheckPlacement(source.Config);
            request.Corpus.Require(request.Settings.Training.SequenceLength, source.Config.VocabularySize);
        }

        RunPlan plan = Plans.Of(request.Settings, source.Config, request.TraceFile is null ? 0 : TraceCapacity);
        using IBackend backend = composition.MakeBackend();
        using var memory = new RunMemory(plan, backend, composition.MakeLink, composition.Time);
        using ActorSystem system = ActorSystem.Create("actors", request.Configuration.Merged);
        try
        {
            return await TrainAsync(system, memory, backend, source, stop);
        }
        finally
        {
            await system.Terminate();
            _serving?.Dispose();
        }
    }

    private async Task<TrainingReport> TrainAsync(
        ActorSystem system, RunMemory memory, IBackend backend, ModelSource source, CancellationToken stop)
    {
        var batches = new CorpusBatches(request.Corpus, request.Settings.Training);
        int step = LoadValues(memory, source);
        ActorRun run = ActorRun.Start(system, memory, new TrainerOptions
        {
            Optimizer = Plans.OptimizerOf(request.Settings.Training),
            Batches = batches,
            CompletedSteps = step,
            StallTimeout = request.Settings.Watchdog.StallTimeout,
            Time = composition.Time,
        });
        progress.Notice($"{Plans.Describe(memory.Plan)}, {memory.Plan.Ranks} ranks, schedule {memory.Plan.Schedule}, {backend.Name}");
        int steps = request.Settings.Training.Steps;
        IActorRef user = system.ActorOf(Props.Create(() => new RunUser(run.Coordinator, done => progress.StepCompleted(_totals.Add(done, steps)))), "user");
        using CancellationTokenRegistration stopping = stop.Register(() => run.Coordinator.Tell(new StopTraining(), user));
        string? checkpoint = null;
        while (step < steps && !stop.IsCancellationRequested)
        {
            int target = NextStop(step, steps);
            var ended = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            user.Tell(new RunUser.TrainUntil(target, ended), ActorRefs.NoSender);
            step = await ended.Task;
            checkpoint = TrainingCheckpoint.Save(request.OutputFolder, step, source.Hub, memory.Stream, memory.Weights, memory.Moments());
        }

        _totals.Stop();
        WriteTrace(memory);
        double? heldOut = stop.IsCancellationRequested ? null : await HeldOutLossAsync(run, batches);
        string? sample = stop.IsCancellationRequested ? null : await SampleAsync(system, memory, backend);
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
            Traffic = TrainingTotals.Traffic(memory),
            CheckpointFolder = checkpoint,
            WasInterrupted = stop.IsCancellationRequested && step < steps,
        };
    }

    private int LoadValues(RunMemory memory, ModelSource source)
    {
        if (request.ResumeFolder is not null)
        {
            return TrainingCheckpoint.Load(source.Folder!, memory.Stream, memory.Weights, memory.Moments());
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

    private static async Task<double?> HeldOutLossAsync(ActorRun run, CorpusBatches batches)
    {
        double sum = 0;
        long targets = 0;
        foreach (RunBatch batch in batches.HeldOut())
        {
            BatchCompleted completed = await run.RunAsync(batch);
            sum += completed.Loss * completed.Targets;
            targets += completed.Targets;
        }

        return targets == 0 ? null : sum / targets;
    }

    private async Task<string> SampleAsync(ActorSystem system, RunMemory memory, IBackend backend)
    {
        RunPlan plan = memory.Plan with { PipelineRanks = 1, DataGroups = 1 };
        _serving = ServingSession.Start(composition, system, plan, request.Settings.Inference, backend, memory.Weights);
        ReadOnlyMemory<byte> text = request.Corpus.HeldOut.Length > 0 ? request.Corpus.HeldOut : request.Corpus.Training;
        int length = Math.Min(text.Length, ServingSession.SamplePromptBytes);
        return await _serving.SampleAsync(text[..length], request.Settings.Inference);
    }

    private void WriteTrace(RunMemory memory)
    {
        if (request.TraceFile is not { } file)
        {
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

        progress.Notice($"trace: {file}");
    }
}
