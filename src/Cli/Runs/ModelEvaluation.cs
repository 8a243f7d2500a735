using System.Runtime.CompilerServices;
using Actors.Cli.Outputs;
using Actors.Cli.Requests;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Model.Transfer;
using Actors.Oracle;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Actors.Runtime.Training.Reports;
using Actors.Tensors;
using Actors.Tensors.Numbers;
using Akka.Actor;

namespace Actors.Cli.Runs;

/// <summary>Evaluates given tokens, through the actors or serially in the same placement's order.</summary>
internal sealed class ModelEvaluation(Composition composition, EvalRequest request, IRunProgress progress)
{
    public async Task<EvaluationReport> RunAsync(CancellationToken stop)
    {
        ModelSource source = ModelSource.Of(request.Settings);
        OutputFile output = OutputFile.Of("--output", request.OutputFile, request.InputFile, source.Folder);
        EvaluationInput input = EvaluationInput.Read(request.InputFile, source.Config);
        foreach (string notice in input.Notices)
        {
            progress.Notice(notice);
        }

        RunPlan plan = Plans.ForModel(request.Settings, source.Config, input.Sequences, input.Length, out bool isPreferred).Validated();
        if (!isPreferred)
        {
            progress.Notice($"the model does not divide into PP 2 x EP 4 in 4 nodes: running {plan.Description}");
        }

        using OpenDevices devices = composition.Open(request.Settings);
        MemoryCheck.RequireForEvaluation(request.Settings, plan, devices, request.IsSerial);
        double[] losses = request.IsSerial
            ? await RunSerialAsync(devices.First, plan, source.Folder!, input, output)
            : await RunActorsAsync(devices, plan, source.Folder!, input, output, stop);
        return new EvaluationReport(losses[0], losses[1..], input.Tokens, plan.Description + (request.IsSerial ? ", serial" : ""), request.OutputFile);
    }

    private async Task<double[]> RunSerialAsync(IBackend backend, RunPlan plan, string folder, EvaluationInput input, OutputFile output)
    {
        using IStream stream = backend.CreateStream("serial");
        ExpertPlacement placement = plan.ExpertPlacement();
        using var weights = new ModelWeights(backend, plan.Model, ModelPart.Whole(plan.Model, placement));
        ModelSource.Load(folder, [(stream, weights)], progress);
        ActivationMode mode = request.WithGradients ? plan.Activations : ActivationMode.ForwardOnly;
        using var evaluator = new SerialEvaluator(
            backend, stream, weights, placement, new BatchPlan(plan.Sequences, plan.MicroBatches, plan.ExpertRanks), plan.SequenceLength, mode,
            request.Settings.Training.PredictionWeight, request.Settings.Training.BalanceLoss);
        Evaluation result = evaluator.Run(input.Ids, input.Targets);
        if (Array.FindIndex(result.Losses, loss => !double.IsFinite(loss)) is int other and >= 0)
        {
            throw new RunFailedException($"the loss{(other == 0 ? "" : $" of prediction module {other}")} is {result.Losses[other]}: look at the values of {folder}");
        }

        using var reader = new HostReader(stream);
        if (evaluator.Gradients is { } computed
            && computed.Blocks.FirstOrDefault(block => !FiniteValues.AreAll(reader.Read<float>(computed[block]))) is { } wrong)
        {
            throw new RunFailedException($"the gradient of {wrong.Name} is not finite: look at the values of {folder}");
        }

        await output.WriteAsync(path => EvaluationResults.WriteAsync(
            path, plan.Model, plan.Sequences, plan.SequenceLength, result,
            evaluator.Gradients is { } all ? all.Blocks.Select(block => (block.Tensors, reader.Read<float>(all[block]).ToArray())).ToAsyncEnumerable() : null));
        return result.Losses;
    }

    private async Task<double[]> RunActorsAsync(
        OpenDevices devices, RunPlan plan, string folder, EvaluationInput input, OutputFile output, CancellationToken stop)
    {
        using var host = new TrainingHost(plan, devices.Ranks, composition.Time, composition.Telemetry);
        ModelSource.Load(folder, host.Parts(), progress);
        using ActorSystem system = composition.StartSystem(request.Configuration, request.Settings.Dispatcher, plan, overlaps: true);
        try
        {
            ActorRun run = ActorRun.Start(system, host, new TrainerOptions
            {
                Optimizer = Plans.OptimizerOf(request.Settings.Training),
                StallTimeout = request.Settings.Watchdog.StallTimeout,
                Time = composition.Time,
            });
            BatchCompleted completed = await run.RunAsync(new RunBatch([.. input.Ids], [.. input.Targets], request.WithGradients, Capture: true), stop);
            double[] losses = [completed.Loss, .. completed.PredictionLosses];
            await WriteAsync(plan, run, losses, output, stop);
            return losses;
        }
        finally
        {
            await system.Terminate();
        }
    }

    private async Task WriteAsync(RunPlan plan, ActorRun run, double[] losses, OutputFile output, CancellationToken stop)
    {
        var logits = new List<float[]>();
        for (int depth = 0; depth < losses.Length; depth++)
        {
            int at = depth;
            logits.Add(await ReadAsync(plan.Sequences, sequence => run.ReadLogitsAsync(sequence, at, stop)));
        }

        var experts = new List<int[]>();
        for (int layer = 0; layer < plan.Model.AllLayers; layer++)
        {
            int at = layer;
            experts.Add(plan.Model.HasExperts(layer) ? await ReadAsync(plan.Sequences, sequence => run.ReadExpertsAsync(at, sequence, stop)) : []);
        }

        await output.WriteAsync(path => EvaluationResults.WriteAsync(
            path, plan.Model, plan.Sequences, plan.SequenceLength, new Evaluation(logits, losses, experts), request.WithGradients ? GradientsOf(run, stop) : null));
    }

    /// <summary>Reads what each sequence has as much of, one after the other.</summary>
    private static async Task<T[]> ReadAsync<T>(int sequences, Func<int, Task<T[]>> read)
    {
        T[] all = [];
        for (int sequence = 0; sequence < sequences; sequence++)
        {
            T[] own = await read(sequence);
            all = sequence == 0 ? new T[(long)sequences * own.Length] : all;
            own.CopyTo(all, (long)sequence * own.Length);
        }

        return all;
    }

    private static async IAsyncEnumerable<(IReadOnlyList<HubTensor> Tensors, float[] Gradient)> GradientsOf(
        ActorRun run, [EnumeratorCancellation] CancellationToken stop)
    {
        foreach (BlockHome block in run.TrainedBlocks)
        {
            yield return (block.Tensors, await run.ReadGradientAsync(block, stop));
        }
    }
}
