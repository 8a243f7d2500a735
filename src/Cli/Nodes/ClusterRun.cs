using Actors.Cli.Requests;
using Actors.Cli.Runs;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Training;

namespace Actors.Cli.Nodes;

internal sealed class ClusterRun(TrainerOptions options, int steps) : IClusterRun
{
    public int LastStep => steps;

    public int Step => 0;

    public string? Checkpoint => null;

    public TrainerOptions Options => options;

    public static ClusterRun Open(Composition composition, NodeRequest request, ModelSource source, TrainRun order, bool hasWritten) => new(new TrainerOptions
    {
        Optimizer = Plans.OptimizerOf(request.Settings.Training),
        Batches = new CorpusBatches(request.Corpus, request.Settings.Training),
        CompletedSteps = 0,
        StallTimeout = request.Settings.Watchdog.StallTimeout,
        Time = composition.Time,
    }, request.Settings.Training.Steps);

    public void Dispose()
    {
    }
}
