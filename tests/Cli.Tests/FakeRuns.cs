using Actors.Cli.Requests;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Cluster.Serialization;
using Actors.Runtime.Configuration;
using Actors.Runtime.Serving;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Tests;

/// <summary>Runs that do nothing but tell what they were asked and report what they were given.</summary>
internal sealed class FakeRuns : IModelRuns
{
    public TrainRequest? Train { get; private set; }

    public InferRequest? Infer { get; private set; }

    public EvalRequest? Eval { get; private set; }

    public NodeRequest? Node { get; private set; }

    public ClusterTrainRequest? ClusterTrain { get; private set; }

    public EndReason Reason { get; init; } = EndReason.MaxTokens;

    public Exception? Failure { get; init; }

    public bool WasAskedToStop { get; private set; }

    public PlannedMemory? CheckTraining(ActorsSettings settings, string? resumeFolder, bool isSerial) => null;

    public PlannedMemory PlanMemory(ActorsSettings settings) => throw new NotSupportedException();

    public Task<TrainingReport> TrainAsync(TrainRequest request, IRunProgress progress, CancellationToken stop)
    {
        Train = request;
        WasAskedToStop = stop.IsCancellationRequested;
        int steps = request.Settings.Training.Steps;
        progress.Notice("placed on 8 ranks");
        for (int step = 1; step <= steps; step++)
        {
            progress.StepCompleted(new StepReport(step, steps, 5.5 / step, [], 0, 2e-3, 0.75, 31235.2, 0.123, 0.045, 0.2, 0.75, null, [10, 20, 30, 40], [new LayerBalance(1, 0.6)], 2, 1.5));
        }

        return Failure is null ? Task.FromResult(Report(steps, request, stop)) : Task.FromException<TrainingReport>(Failure);
    }

    public Task<InferenceReport> InferAsync(InferRequest request, IRunProgress progress, CancellationToken stop)
    {
        Infer = request;
        progress.TextGenerated("Once ");
        progress.TextGenerated("upon\u001b");
        return Task.FromResult(new InferenceReport(4, 3, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(8), Reason));
    }

    public ClusterInferRequest? ClusterInfer { get; private set; }

    public (ClusterAddress Cluster, string Id)? Cancelled { get; private set; }

    public Task<InferenceReport> InferOnClusterAsync(ClusterInferRequest request, IRunProgress progress, CancellationToken stop)
    {
        ClusterInfer = request;
        return Task.FromResult(new InferenceReport(4, 3, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(8), Reason));
    }

    public Task CancelInferenceAsync(ClusterAddress cluster, string id)
    {
        Cancelled = (cluster, id);
        return Task.CompletedTask;
    }

    public Task<EvaluationReport> EvaluateAsync(EvalRequest request, IRunProgress progress, CancellationToken stop)
    {
        Eval = request;
        progress.Notice("PP 1 x EP 4 is the nearest that divides");
        return Task.FromResult(new EvaluationReport(5.53125, [], 64, "PP 1 x EP 4 in 2 nodes", request.OutputFile));
    }

    public Task RunNodeAsync(NodeRequest request, IRunProgress progress, CancellationToken stop)
    {
        Node = request;
        return Task.CompletedTask;
    }

    public Task<TrainingReport> TrainOnClusterAsync(ClusterTrainRequest request, IRunProgress progress, CancellationToken stop)
    {
        ClusterTrain = request;
        return Task.FromException<TrainingReport>(new NotSupportedException());
    }

    public Task<ClusterDescribed> DescribeClusterAsync(ClusterAddress cluster) => Task.FromResult(new ClusterDescribed([], $"{cluster.Process} trains nothing"));

    public Task<string> ChangeClusterAsync(ClusterAddress cluster, IControlMessage request) => Task.FromResult($"{cluster}: {request}");

    private static TrainingReport Report(int steps, TrainRequest request, CancellationToken stop) => new()
    {
        Step = steps,
        Steps = steps,
        Tokens = steps * request.Settings.Training.TokensPerStep,
        Elapsed = TimeSpan.FromSeconds(10.24),
        Loss = 2.1034,
        HeldOutLoss = 2.2011,
        Sample = new TextSample("To be,\nor", " not\nto be"),
        Time = [new TimeShare("experts", TimeSpan.FromSeconds(6)), new TimeShare("bubble", TimeSpan.FromSeconds(2))],
        Traffic = [new HopTraffic("between nodes", 12345, 45_100_000, 1200), new HopTraffic("inside nodes", 999, 1000, 12)],
        CheckpointFolder = request.OutputFolder,
        WasInterrupted = stop.IsCancellationRequested,
    };
}
