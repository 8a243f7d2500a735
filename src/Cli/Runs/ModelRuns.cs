using System.Text;
using Actors.Cli.Requests;
using Actors.Model.Tokenizers;
using Actors.Runtime.Inference;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Reports;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Cli.Runs;

/// <summary>Does what the command line asks of a model.</summary>
internal sealed class ModelRuns(Composition composition) : IModelRuns
{
    /// <inheritdoc/>
    public Task<TrainingReport> TrainAsync(TrainRequest request, IRunProgress progress, CancellationToken stop) => request.IsSerial
        ? Task.Run(() => new SerialTraining(composition, request, progress).Run(stop), CancellationToken.None)
        : new ActorTraining(composition, request, progress).RunAsync(stop);

    /// <inheritdoc/>
    public Task<EvaluationReport> EvaluateAsync(EvalRequest request, IRunProgress progress, CancellationToken stop) =>
        new ModelEvaluation(composition, request, progress).RunAsync(stop);

    /// <inheritdoc/>
    public async Task<InferenceReport> InferAsync(InferRequest request, IRunProgress progress, CancellationToken stop)
    {
        ModelSource source = ModelSource.Of(request.Settings);
        if (!ServingSession.CanSpeak(source.Config))
        {
            throw new UsageException(
                $"--model: {source.Folder} has a vocabulary of {source.Config.VocabularySize} tokens; only one of bytes, {ByteTokenizer.VocabularySize}, can be given a text");
        }

        RunPlan plan = Plans.ForServing(request.Settings, source.Config);
        byte[] prompt = Encoding.UTF8.GetBytes(request.Prompt);
        using IBackend backend = composition.MakeBackend();
        using ActorSystem system = Composition.StartSystem(request.Configuration, request.Settings.Dispatcher, plan);
        using ServingSession serving = ServingSession.Start(
            composition, system, plan, request.Settings, backend, load: memory => TrainingCheckpoint.LoadModel(source.Folder!, memory.Stream, memory.Weights));
        try
        {
            await serving.WarmUpAsync(request.Settings.Inference, stop);
            InferenceEnded ended = await serving.GenerateAsync(prompt, request.Settings.Inference, progress.TextGenerated, stop);
            return new InferenceReport(
                prompt.Length, ended.Tokens, TimeSpan.FromSeconds(ended.PrefillSeconds), TimeSpan.FromSeconds(ended.DecodeSeconds));
        }
        finally
        {
            await system.Terminate();
        }
    }
}
