using Actors.Cli.Requests;
using Actors.Cli.Runs;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Actors.Runtime.Training.Reports;
using Akka.Actor;

namespace Actors.Cli.Nodes;

/// <summary>Has a cluster train and shows how it goes, as if it trained here.</summary>
internal sealed class ClusterTraining(Composition composition, ClusterCaller caller, ClusterTrainRequest request, IRunProgress progress)
{
    private readonly TrainingTotals _totals = new(composition.Time);
    private string? _checkpoint;
    private Watching _watching = new([], 0, 0);

    public async Task<TrainingReport> RunAsync(CancellationToken stop)
    {
        var ended = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var order = new TrainRun(request.OutputFolder, Guid.NewGuid().ToString("N"));
        IActorRef user = caller.System.ActorOf(Props.Create(() => new RunCaller(caller.Address, caller.FrontAt, order, Show, last => End(last, ended))), "user");
        using CancellationTokenRegistration stopping = stop.Register(() => user.Tell(new RunCaller.Stop(), ActorRefs.NoSender));
        int step = await ended.Task;
        return new TrainingReport
        {
            Step = step,
            Steps = _watching.Steps,
            Tokens = _totals.Tokens,
            Elapsed = _totals.Elapsed,
            Loss = _totals.Loss,
            MeasuresHeldOut = false,
            Time = _totals.Shares(_watching.Ranks),
            Traffic = [],
            CheckpointFolder = _checkpoint,
            WasInterrupted = stop.IsCancellationRequested && step < _watching.Steps,
        };
    }

    private void End(object? last, TaskCompletionSource<int> ended)
    {
        switch (last)
        {
            case TrainingEnded training:
                ended.TrySetResult(training.LastStep);
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
