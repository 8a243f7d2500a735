using Actors.Cli.Nodes;
using Actors.Cli.Requests;
using Actors.Model;
using Actors.Model.Checkpoint;
using Actors.Model.Tokenizers;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Cluster.Processes.Serving;
using Actors.Runtime.Cluster.Serialization;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Runtime.Training.Reports;
using Akka.Actor;

namespace Actors.Cli.Runs;

/// <summary>Does what the command line asks of a model.</summary>
internal sealed class ModelRuns(Composition composition) : IModelRuns
{
    /// <inheritdoc/>
    public PlannedMemory? CheckTraining(ActorsSettings settings, string? resumeFolder, bool isSerial)
    {
        ModelSource source = ModelSource.Of(settings, resumeFolder);
        CheckedSettings.Check(settings, source.Config);
        using OpenDevices devices = composition.Open(settings);
        return MemoryCheck.RequireForTraining(settings, source.Config, devices, isSerial);
    }

    /// <inheritdoc/>
    public PlannedMemory PlanMemory(ActorsSettings settings)
    {
        ModelSource source = ModelSource.Of(settings, resumeFolder: null);
        CheckedSettings.Check(settings, source.Config);
        using OpenDevices devices = composition.Open(settings);
        return MemoryCheck.PlanTraining(settings, source.Config, devices, isSerial: false);
    }

    /// <inheritdoc/>
    public async Task<TrainingReport> TrainAsync(TrainRequest request, IRunProgress progress, CancellationToken stop)
    {
        using var telemetry = new RunTelemetry(composition, request.Settings, request.MetricsPort, progress);
        return request.IsSerial
            ? await Task.Run(() => new SerialTraining(telemetry.Composition, request, progress).Run(stop), CancellationToken.None)
            : await new ActorTraining(telemetry.Composition, request, progress).RunAsync(stop);
    }

    /// <inheritdoc/>
    public async Task RunNodeAsync(NodeRequest request, IRunProgress progress, CancellationToken stop)
    {
        var health = new NodeHealth();
        using var telemetry = new RunTelemetry(composition, request.Settings, request.MetricsPort, progress, request.MetricsHost, health);
        await new ClusterNode(telemetry.Composition, request, health, progress).RunAsync(stop);
    }

    /// <inheritdoc/>
    public async Task<TrainingReport> TrainOnClusterAsync(ClusterTrainRequest request, IRunProgress progress, CancellationToken stop)
    {
        await using ClusterCaller caller = ClusterCaller.Connect(composition, request.Cluster);
        return await new ClusterTraining(composition, caller, request, progress).RunAsync(stop);
    }

    /// <inheritdoc/>
    public async Task<InferenceReport> InferOnClusterAsync(ClusterInferRequest request, IRunProgress progress, CancellationToken stop)
    {
        await using ClusterCaller caller = ClusterCaller.Connect(composition, request.Cluster);
        return await new ClusterInference(composition, caller, request, progress).RunAsync(stop);
    }

    /// <inheritdoc/>
    public async Task CancelInferenceAsync(ClusterAddress cluster, string id)
    {
        await using ClusterCaller caller = ClusterCaller.Connect(composition, cluster);
        if (await caller.AskAsync<object>(new CancelInference(id)) is InferenceUnknown)
        {
            throw new UsageException($"--cancel: the cluster has no request {id}: it has ended, or was given another --id");
        }
    }

    /// <inheritdoc/>
    public async Task<ClusterDescribed> DescribeClusterAsync(ClusterAddress cluster)
    {
        await using ClusterCaller caller = ClusterCaller.Connect(composition, cluster);
        return await caller.AskAsync<ClusterDescribed>(new DescribeCluster());
    }

    /// <inheritdoc/>
    public async Task<string> ChangeClusterAsync(ClusterAddress cluster, IControlMessage request)
    {
        await using ClusterCaller caller = ClusterCaller.Connect(composition, cluster);
        OperatorAnswered answer = await caller.AskAsync<OperatorAnswered>(request);
        return answer.IsRefused ? throw new UsageException(answer.Text) : answer.Text;
    }

    /// <inheritdoc/>
    public async Task<EvaluationReport> EvaluateAsync(EvalRequest request, IRunProgress progress, CancellationToken stop)
    {
        using var telemetry = new RunTelemetry(composition, request.Settings, metricsPort: null, progress);
        return await new ModelEvaluation(telemetry.Composition, request, progress).RunAsync(stop);
    }

    /// <inheritdoc/>
    public async Task<InferenceReport> InferAsync(InferRequest request, IRunProgress progress, CancellationToken stop)
    {
        ModelSource source = ModelSource.Of(request.Settings);
        ITokenizer tokenizer = TokenizerSource.OfModel(source.Folder, source.Config.VocabularySize);
        if (!ServingSession.CanSpeak(source.Config, tokenizer))
        {
            throw new UsageException(
                $"--model: {source.Folder} has a vocabulary of {source.Config.VocabularySize} tokens; only one of bytes, {ByteTokenizer.Tokens}, can be given a text");
        }

        RunPlan plan = ServingSession.PlanOf(Plans.ForServing(request.Settings, GenerationConfig.Apply(source.Folder!, source.Config)));
        InferenceOptions options = ServingSession.OptionsOf(plan, request.Settings);
        SayEndTokens(source.Config.EndTokenIds, plan.Model.EndTokenIds, progress);
        using var telemetry = new RunTelemetry(composition, request.Settings, request.MetricsPort, progress);
        using OpenDevices devices = composition.OpenForServing(request.Settings);
        MemoryCheck.RequireForServing(request.Settings, plan, options, devices);
        using ActorSystem system = telemetry.Composition.StartSystem(request.Configuration, request.Settings.Dispatcher, plan, overlaps: false);
        using ServingSession serving = ServingSession.Start(
            telemetry.Composition, system, plan, options, devices, tokenizer,
            load: memory => ModelSource.Load(source.Folder!, memory.Parts(), progress));
        try
        {
            await serving.WarmUpAsync(request.Settings.Inference, stop);
            int[] prompt = tokenizer.EncodePrompt(request.Prompt);
            InferenceEnded ended = await serving.GenerateAsync(
                prompt, request.Settings.Inference, progress.TextGenerated, stop, request.EchoesPrompt);
            return new InferenceReport(
                prompt.Length, ended.Tokens, TimeSpan.FromSeconds(ended.PrefillSeconds), TimeSpan.FromSeconds(ended.DecodeSeconds),
                ended.Reason);
        }
        finally
        {
            await system.Terminate();
        }
    }

    /// <summary>Says which tokens end an answer where generation_config.json and config.json differ.</summary>
    private static void SayEndTokens(EndTokens model, EndTokens used, IRunProgress progress)
    {
        if (!used.Ids.AsSpan().SequenceEqual(model.Ids.AsSpan()))
        {
            progress.Notice($"an answer ends at {NameOf(used)}, as {GenerationConfig.FileName} says; {HubConfig.FileName} says {NameOf(model)}");
        }

        static string NameOf(EndTokens tokens) => tokens.Ids.IsEmpty ? "no token" : $"{(tokens.Ids.Length == 1 ? "token" : "tokens")} {tokens}";
    }
}
