using Actors.Cli.Requests;
using Actors.Cli.Runs;
using Actors.Model.Checkpoint;
using Actors.Model.Training;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Akka.Actor;

namespace Actors.Cli.Nodes;

/// <summary>A process of a cluster.</summary>
internal sealed class ClusterNode(Composition composition, NodeRequest request, NodeHealth health, IRunProgress progress)
{
    /// <summary>Joins, and takes part until asked to stop.</summary>
    /// <exception cref="UsageException">The settings don't do for a cluster.</exception>
    /// <exception cref="RunFailedException">The cluster could not be joined, or has taken this process out.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        ActorsSettings settings = request.Settings;
        ModelSource source = ModelSource.Of(settings);
        RunPlan plan = RunPlan.Of(settings, source.Config);
        using OpenDevices devices = composition.Open(settings);
        ActorSystem system = composition.StartSystem(
            request.Configuration, settings.Dispatcher, plan, overlaps: true, settings.Cluster);
        try
        {
            var options = new ClusterProcessOptions
            {
                StallTimeout = request.Settings.Watchdog.StallTimeout,
                Plan = plan,
                IsElastic = settings.Training.Elastic,
                RunHash = RunHash.Of(settings, source, request.Corpus),
                Settings = settings.Cluster,
                Links = settings.Links,
                Devices = devices.Ranks,
                DeviceKind = $"{settings.Backend.Name} in {settings.Training.Precision.Name}".ToLowerInvariant(),
                DeviceName = settings.Backend.Name == BackendSettings.Cuda ? $"{devices.Name}, GPU {string.Join(", ", settings.Cuda.Devices)}" : devices.Name,
                Batches = request.Corpus.Batches(settings.Training),
                Load = (host, order) => Load(host, order, source),
                OpenRun = order => ClusterRun.Open(composition, request, order),
                Serving = ServedModels.OptionsOf(settings, source, progress),
                Time = composition.Time,
                Telemetry = composition.Telemetry,
            };
            await using ClusterProcess process = ClusterProcess.Start(system, options);
            health.Observe(process);
            await TakePartAsync(process, settings.Cluster, plan, stop);
        }
        finally
        {
            await system.Terminate();
        }
    }

    private async Task TakePartAsync(ClusterProcess process, ClusterSettings settings, RunPlan plan, CancellationToken stop)
    {
        string address = $"{process.Address.Host}:{process.Address.Port}";
        if (!await process.IsUpAsync(settings.JoinTimeout))
        {
            throw new RunFailedException(settings.Seeds.Count == 0
                ? $"{address} did not come up within {settings.JoinTimeout.TotalSeconds:0} s"
                : $"{address} could not join {string.Join(", ", settings.Seeds)} within {settings.JoinTimeout.TotalSeconds:0} s: is a process of a cluster there? (--seed)");
        }

        progress.Notice($"node {address} is up, {plan.Description}; others join with: actors node --seed {address} --port 0");
        progress.Notice($"train with: actors train --cluster {address} --out DIR; ask with: actors infer --cluster {address} --prompt TEXT");
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration stopping = stop.Register(() => stopped.TrySetResult());
        await Task.WhenAny(stopped.Task, process.MayLeave, process.Ended);
        if (stopped.Task.IsCompleted && !process.MayLeave.IsCompleted && !process.Ended.IsCompleted)
        {
            progress.Notice($"node {address} leaves the cluster when what it has of a run stands elsewhere");
            if (!await process.AskToLeaveAsync())
            {
                progress.Notice(
                    $"node {address} was not let go within {settings.LeaveTimeout.TotalSeconds:0} s (actors.cluster.leave-timeout): steps since the last checkpoint are trained again");
            }
        }

        if (process.Ended.IsCompleted)
        {
            throw new RunFailedException($"{address} has been taken out of the cluster: the others did not hear from it; start it again");
        }

        progress.Notice($"node {address} leaves the cluster");
    }

    /// <summary>Fills a share: from a checkpoint, from the model's folder, or fresh.</summary>
    private void Load(TrainingHost host, PrepareShare order, ModelSource source)
    {
        if (!RunFolder.IsHeldFor(order.Order.OutputFolder, order.Order.Run))
        {
            throw new CheckpointException(
                order.Order.OutputFolder, "is not the folder that the leader holds: all processes need the same disk there; name a folder on it with --out");
        }

        long seed = request.Settings.Training.Seed;
        TrainingStart.LoadValues(order.Checkpoint, source, seed, host.Parts(), host.Moments, progress);
        TrainingStart.LoadCopies(order.Checkpoint, source, seed, host.Copies(), host.CopiedMoments());
    }
}
