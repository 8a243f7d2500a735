using Actors.Model.Training;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;

namespace Actors.Simulation.Faults;

/// <summary>A run on the simulated disk, as a leader holds it.</summary>
internal sealed class SimulatedRun : IClusterRun, ICheckpointFolder
{
    private readonly SimulatedDisk _disk;
    private readonly SimulatedProcess _process;
    private readonly TrainerOptions _options;

    public SimulatedRun(SimulatedDisk disk, SimulatedProcess process, int steps, int checkpointEverySteps, TrainerOptions options)
    {
        (_disk, _process, LastStep, CheckpointEverySteps, _options) = (disk, process, steps, checkpointEverySteps, options);
        SavedStep = disk.Newest;
    }

    public int LastStep { get; }

    public int CheckpointEverySteps { get; }

    public int Step => SavedStep ?? 0;

    public string? Checkpoint => SavedStep is { } step ? SimulatedDisk.NameOf(step) : null;

    public TrainerOptions Options => _options with { Checkpoints = this, CompletedSteps = Step };

    public int? SavedStep { get; private set; }

    public string Begin(int step) => _disk.Begin(step);

    public string Commit(int step, CheckpointShares shares)
    {
        string folder = _disk.Commit(step);
        SavedStep = step;
        return folder;
    }

    public string Abandon(int step, string reason) => _disk.Abandon(step, reason);

    public void Dispose() => _disk.Release(_process);
}
