using Actors.Cli.Requests;
using Actors.Cli.Runs;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Runtime.Training;

namespace Actors.Cli.Nodes;

/// <summary>A run of a cluster on the disk: its folder, and what a leader goes on with.</summary>
internal sealed class ClusterRun : IClusterRun
{
    private readonly TrainingSettings _training;
    private readonly TrainingStart _start;
    private readonly TrainerOptions _options;

    private ClusterRun(TrainingSettings training, TrainingStart start, TrainerOptions options, Infer? sample) =>
        (_training, _start, _options, Sample) = (training, start, options, sample);

    /// <inheritdoc/>
    public int LastStep => _training.Steps;

    /// <inheritdoc/>
    public int CheckpointEverySteps => _training.CheckpointEverySteps;

    /// <inheritdoc/>
    public int Step => _start.SavedStep ?? 0;

    /// <inheritdoc/>
    public string? Checkpoint => _start.Checkpoint;

    /// <inheritdoc/>
    public Infer? Sample { get; }

    /// <inheritdoc/>
    public TrainerOptions Options => _options with { CompletedSteps = Step };

    /// <summary>Takes the folder that a run names.</summary>
    public static ClusterRun Open(Composition composition, NodeRequest request, TrainRun order)
    {
        ActorsSettings settings = request.Settings;
        var train = new TrainRequest(
            request.Configuration, settings, request.Corpus, order.OutputFolder, IsFolderGiven: true, ResumeFolder: null, IsSerial: false, TraceFile: null);
        TrainingStart start = TrainingStart.TakeOver(composition, train, order.Run);
        var options = new TrainerOptions
        {
            Optimizer = Plans.OptimizerOf(settings.Training),
            Batches = request.Corpus.Batches(settings.Training),
            Checkpoints = start,
            StallTimeout = settings.Watchdog.StallTimeout,
            Time = composition.Time,
        };
        RunPlan plan = RunPlan.Of(settings, start.Source.Config);
        return new ClusterRun(settings.Training, start, options, ServingSession.SampleOf(plan, settings, request.Corpus));
    }

    /// <inheritdoc/>
    public void Dispose() => _start.Dispose();
}
