using System.Text;
using Actors.Cli.Requests;
using Actors.Cli.Runs;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Serving;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Actors.Runtime.Training.Reports;
using Akka.Actor;

namespace Actors.Cli.Nodes;

/// <summary>Has a cluster train and shows how it goes, as if it trained here.</summary>
internal sealed class ClusterTraining(Composition composition, ClusterCaller caller, ClusterTrainRequest request, IRunProgress progress)
{
    private readonly TrainingTotals _totals = new(composition.Time);
    private readonly string _run = Guid.NewGuid().ToString("N");
    private string? _checkpoint;
    private Watching _watching = new([], 0, 0);

    public async Task<TrainingReport> RunAsync(CancellationToken stop)
    {
        var ended = new TaskCompletionSource<TrainingEnded>(TaskCreationOptions.RunContinuationsAsynchronously);
        var order = new TrainRun(request.OutputFolder, _run);
        IActorRef user = caller.System.ActorOf(Props.Create(() => new RunCaller(caller.Address, caller.FrontAt, order, Show, last => End(last, ended))), "user");
        using CancellationTokenRegistration stopping = stop.Register(() => user.Tell(new RunCaller.Stop(), ActorRefs.NoSender));
        TrainingEnded end = await ended.Task;
        (TextSample? sample, string? noSample) = stop.IsCancellationRequested ? default : await SampleAsync(end.Sample, stop);
        return new TrainingReport
        {
            Step = end.LastStep,
            Steps = _watching.Steps,
            Tokens = _totals.Tokens,
            Elapsed = _totals.Elapsed,
            Loss = _totals.Loss,
            HeldOutLoss = end.HeldOutLoss,
            MeasuresHeldOut = !stop.IsCancellationRequested,
            Sample = sample,
            NoSample = noSample,
            Time = _totals.Shares(_watching.Ranks),
            Traffic = [],
            CheckpointFolder = _checkpoint,
            WasInterrupted = stop.IsCancellationRequested && end.LastStep < _watching.Steps,
        };
    }

    /// <summary>Has the cluster's serving answer what shows what the model has learned, by the run's newest checkpoint.</summary>
    /// <returns>The answer, or why there is none.</returns>
    private async Task<(TextSample? Sample, string? Refusal)> SampleAsync(Infer? sample, CancellationToken stop)
    {
        if (sample is null)
        {
            return default;
        }

        var answer = new StringBuilder();
        try
        {
            ClusterTokenizer model = await ClusterTokenizer.ReadAsync(caller, _watching.Processes, request.OutputFolder);
            await ClusterInference.AskAsync(
                caller, _watching.Processes, $"sample of {_run}", model, sample, piece => answer.Append(piece), progress.Notice,
                echoesPrompt: false, composition.Time, stop);
            return (ServingSession.SampleText(model.Tokenizer, sample, answer), null);
        }
        catch (Exception refusal) when (refusal is UsageException or RunFailedException)
        {
            return (null, refusal.Message);
        }
    }

    private void End(object? last, TaskCompletionSource<TrainingEnded> ended)
    {
        switch (last)
        {
            case TrainingEnded training:
                ended.TrySetResult(training);
                break;
            case RunFailed { NotKept: { } reason } failed:
                ended.TrySetException(RunFailedException.NotKept(failed.Reason, failed.WholeStep, reason, failed.Detail));
                break;
            case RunFailed failed:
                ended.TrySetException(new RunFailedException(failed.Reason, failed.Detail));
                break;
            case CheckpointFailed failed:
                ended.TrySetException(new RunFailedException(failed.Reason, failed.Detail));
                break;
            default:
                ended.TrySetException(caller.NobodyAnswers());
                break;
        }
    }

    private void Show(object message, Watching watching)
    {
        _watching = watching.Steps > 0 ? watching : _watching;
        switch (message)
        {
            case StepCompleted step:
                progress.StepCompleted(_totals.Add(step, _watching.Steps));
                break;
            case CheckpointSaved saved:
                _checkpoint = saved.Folder;
                break;
            case RunNotice notice:
                progress.Notice(notice.Text);
                break;
        }
    }
}
