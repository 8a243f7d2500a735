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
        BatchSchedule batching = plan.Batches!;
        var cut = new BatchPlan(plan.Sequences, plan.MicroBatches, plan.ExpertRanks);
        using ParameterAverage? average = plan.Average is { } options ? new ParameterAverage(backend, weights.Blocks, options) : null;
        using var trainer = new SerialTrainer(
            backend, stream, weights, placement, cut, plan.SequenceLength, Plans.OptimizerOf(request.Settings.Training), plan.Activations, batching, plan.Moments,
            hasTimetable: plan.HasTimetable)
        {
            Average = average,
        };
        TrainedBlock[] moments = [.. trainer.Optimizer.FirstMoment.Blocks.Select(block => TrainedBlock.Of(trainer.Optimizer, block, average))];
        start.LoadValues([(stream, weights)], () => moments, progress);
        trainer.Steps = start.Step;
        progress.Notice($"serial, {backend.Name}");

        IBatchSource batches = request.Corpus.Batches(request.Settings.Training);
        var drawn = new DrawnSequences(batches, plan.SequenceLength);
        long started = composition.Time.GetTimestamp();
        long tokens = 0;
        double loss = 0;
        int steps = request.Settings.Training.Steps;
        int target = start.NextStop(trainer.Steps);
        while (trainer.Steps < steps && !stop.IsCancellationRequested)
        {
            long stepStarted = composition.Time.GetTimestamp();
            drawn.Draw(trainer.Steps + 1, batching.SequencesOf(trainer.Steps + 1));
            StepResult step = Step(trainer, drawn, start);
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
            HeldOutLoss = stop.IsCancellationRequested ? null : HeldOutLoss(backend, stream, weights, placement, cut, drawn),
            Time = [new TimeShare("one thread", elapsed)],
            Traffic = [],
            CheckpointFolder = start.Checkpoint,
            MeasuresHeldOut = !stop.IsCancellationRequested,
            WasInterrupted = stop.IsCancellationRequested && trainer.Steps < steps,
        };
    }

    private void Count(StepResult step, double seconds) => composition.Telemetry.Meters?.StepCompleted(
        new StepCompleted(step.Step, step.Loss, step.GradientNorm, step.LearningRate, step.Tokens, seconds, default, [], 0, 0, [.. step.PredictionLosses], step.Balance), composition.Time);

    private static StepResult Step(SerialTrainer trainer, DrawnSequences drawn, TrainingStart start)
    {
        try
        {
            return trainer.Step(drawn.Ids, drawn.Targets, drawn.Positions);
        }
        catch (Exception failure) when (failure is NonFiniteLossException or NonFiniteGradientException)
        {
            throw new RunFailedException($"{failure.Message}; {start.LastGood}", failure.ToString());
        }
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

    /// <summary>The mean over the held-out targets, summed batch by batch as the actors' coordinator does.</summary>
    private static double? HeldOutLoss(
        IBackend backend, IStream stream, ModelWeights weights, ExpertPlacement placement, BatchPlan cut, DrawnSequences drawn)
    {
        using var model = new SerialModel(
            backend, stream, weights, placement, new SerialOptions(cut.SourceRanks, cut.MaxChunkSequences, drawn.Length, ActivationMode.ForwardOnly, LogitsBlocks.Limit));
        var sums = new double[1 + weights.Config.PredictLayers];
        float[] scales = new float[sums.Length];
        (double loss, long targets) = (0, 0);
        for (int first = 0; first < drawn.HeldOutSequences; first += cut.Sequences)
        {
            double batch = 0;
            for (int m = 0; m < cut.MicroBatches; m++)
            {
                for (int source = 0; source < cut.SourceRanks; source++)
                {
                    drawn.DrawHeldOut(first, cut, m, source);
                    model.SetChunk(source, drawn.Ids, drawn.Targets, drawn.Length, positions: drawn.Positions);
                }

                model.Forward();
                model.Loss(scales, sums);
                batch += sums[0];
            }

            long counted = drawn.CountHeldOutTargets(first, cut.Sequences);
            loss += batch / Math.Max(1, counted) * counted;
            targets += counted;
        }

        return targets == 0 ? null : loss / targets;
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
