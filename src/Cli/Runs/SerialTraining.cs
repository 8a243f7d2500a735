using Actors.Cli.Requests;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Model.Training;
using Actors.Oracle;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Reports;
using Actors.Tensors;

namespace Actors.Cli.Runs;

/// <summary>Trains with no actors: one thread, the oracle of the others.</summary>
internal sealed class SerialTraining(Composition composition, TrainRequest request, IRunProgress progress)
{
    public TrainingReport Run(CancellationToken stop)
    {
        using TrainingStart start = TrainingStart.Open(composition, request, progress);
        RunPlan plan = RunPlan.Of(request.Settings, start.Source.Config).Validated();
        ExpertPlacement placement = plan.ExpertPlacement();
        using OpenDevices devices = composition.Open(request.Settings);
        IBackend backend = devices.First;
        using IStream stream = backend.CreateStream("serial");
        using var weights = new ModelWeights(backend, plan.Model, ModelPart.Whole(plan.Model, placement));
        BatchSchedule batching = request.Settings.Training.PlanBatches();
        var cut = new BatchPlan(plan.Sequences, plan.MicroBatches, plan.ExpertRanks);
        using ParameterAverage? average = plan.Average is { } options ? new ParameterAverage(backend, weights.Blocks, options) : null;
        using var trainer = new SerialTrainer(
            backend, stream, weights, placement, cut, plan.SequenceLength, Plans.OptimizerOf(request.Settings.Training), plan.Activations, batching, plan.Moments)
        {
            Average = average,
        };
        TrainedBlock[] moments = [.. trainer.Optimizer.FirstMoment.Blocks.Select(block => TrainedBlock.Of(trainer.Optimizer, block, average))];
        start.LoadValues([(stream, weights)], () => moments, progress);
        trainer.Steps = start.Step;
        progress.Notice($"serial, {backend.Name}");

        IBatchSource batches = request.Corpus.Batches(request.Settings.Training);
        long started = composition.Time.GetTimestamp();
        long tokens = 0;
        double loss = 0;
        int steps = request.Settings.Training.Steps;
        int target = start.NextStop(trainer.Steps);
        while (trainer.Steps < steps && !stop.IsCancellationRequested)
        {
            long stepStarted = composition.Time.GetTimestamp();
            StepResult step = Step(trainer, SequencesOf(batches, trainer.Steps + 1, batching.SequencesOf(trainer.Steps + 1)), start);
            loss = step.Loss;
            tokens += step.Tokens;
            double seconds = composition.Time.GetElapsedTime(stepStarted).TotalSeconds;
            Count(step, seconds);
            Exception? notShown = Show(new StepReport(
                step.Step, steps, step.Loss, step.PredictionLosses, step.Balance, step.LearningRate, step.GradientNorm, step.Tokens / seconds, 0, 0, 0, null, null, LoadOf(step),
                LayerBalance.Of(step.Loads.Select((counts, layer) => new LayerLoad(layer, [.. counts]))), 0, 0));
            if (step.Step == target || stop.IsCancellationRequested || notShown is not null)
            {
                start.Save(step.Step, stream, weights.Blocks, moments);
                target = start.NextStop(step.Step);
            }

            if (notShown is not null)
            {
                throw new RunFailedException($"step {step.Step} cannot be shown: {notShown.Message}; {start.LastGood}", notShown.ToString());
            }
        }

        if (start.Checkpoint is null)
        {
            start.Save(trainer.Steps, stream, weights.Blocks, moments);
        }

        TimeSpan elapsed = composition.Time.GetElapsedTime(started);
        return new TrainingReport
        {
            Step = trainer.Steps,
            Steps = steps,
            Tokens = tokens,
            Elapsed = elapsed,
            Loss = loss,
            HeldOutLoss = stop.IsCancellationRequested ? null : HeldOutLoss(backend, stream, weights, placement, cut, batches),
            Time = [new TimeShare("one thread", elapsed)],
            Traffic = [],
            CheckpointFolder = start.Checkpoint,
            MeasuresHeldOut = !stop.IsCancellationRequested,
            WasInterrupted = stop.IsCancellationRequested && trainer.Steps < steps,
        };
    }

    private void Count(StepResult step, double seconds) => composition.Telemetry.Meters?.StepCompleted(
        new StepCompleted(step.Step, step.Loss, step.GradientNorm, step.LearningRate, step.Tokens, seconds, default, [], 0, 0, [.. step.PredictionLosses], step.Balance), composition.Time);

    private static StepResult Step(SerialTrainer trainer, int[] sequences, TrainingStart start)
    {
        try
        {
            return trainer.Step(sequences);
        }
        catch (Exception failure) when (failure is NonFiniteLossException or NonFiniteGradientException)
        {
            throw new RunFailedException($"{failure.Message}; {start.LastGood}", failure.ToString());
        }
    }

    /// <summary>A step's sequences, each with the token that follows it (sequences, length + 1).</summary>
    private int[] SequencesOf(IBatchSource batches, int step, int count)
    {
        int length = request.Settings.Training.SequenceLength;
        var targets = new int[length];
        var sequences = new int[count * (length + 1)];
        for (int start = 0, number = 0; start < sequences.Length; start += length + 1, number++)
        {
            batches.Draw(step, number, sequences.AsSpan(start, length), targets);
            sequences[start + length] = targets[^1];
        }

        return sequences;
    }

    /// <summary>Shows a step; a full disk behind the output must not cost the run its steps.</summary>
    /// <returns>What went wrong, or null.</returns>
    private Exception? Show(StepReport report)
    {
        try
        {
            progress.StepCompleted(report);
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }

    private double? HeldOutLoss(
        IBackend backend, IStream stream, ModelWeights weights, ExpertPlacement placement, BatchPlan cut, IBatchSource batches)
    {
        int length = request.Settings.Training.SequenceLength;
        using var model = new SerialModel(
            backend, stream, weights, placement, new SerialOptions(cut.SourceRanks, cut.MaxChunkSequences, length, ActivationMode.ForwardOnly, LogitsBlocks.Limit));
        double sum = 0;
        var sums = new double[1 + weights.Config.PredictLayers];
        float[] scales = new float[sums.Length];
        for (int first = 0; first < batches.HeldOutSequences; first += cut.Sequences)
        {
            for (int m = 0; m < cut.MicroBatches; m++)
            {
                SetMicroBatch(model, batches, first, cut, m, length);
                model.Forward();
                model.Loss(scales, sums);
                sum += sums[0];
            }
        }

        return batches.HeldOutSequences == 0 ? null : sum / ((long)batches.HeldOutSequences * length);
    }

    private static void SetMicroBatch(SerialModel model, IBatchSource batches, int first, BatchPlan cut, int microBatch, int length)
    {
        for (int source = 0; source < cut.SourceRanks; source++)
        {
            int count = cut.CountOf(microBatch, source);
            var ids = new int[count * length];
            var targets = new int[ids.Length];
            for (int i = 0; i < count; i++)
            {
                batches.DrawHeldOut(
                    first + cut.SequenceOf(microBatch, source, i), ids.AsSpan(i * length, length), targets.AsSpan(i * length, length));
            }

            model.SetChunk(source, ids, targets, length);
        }
    }

    private static long[] LoadOf(StepResult step)
    {
        long[] load = new long[step.Loads.Max(layer => layer.Length)];
        foreach (long[] layer in step.Loads)
        {
            for (int expert = 0; expert < layer.Length; expert++)
            {
                load[expert] += layer[expert];
            }
        }

        return load;
    }
}
