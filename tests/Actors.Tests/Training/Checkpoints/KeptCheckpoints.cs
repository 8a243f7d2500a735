using Actors.Model;
using Actors.Model.Checkpoint;
using Actors.Model.Training;
using Actors.Runtime.Training.Checkpoints;

namespace Actors.Runtime.Tests.Training.Checkpoints;

/// <summary>A run's folder of one test, as the command keeps it; it notes what is asked of it.</summary>
internal sealed class KeptCheckpoints : ICheckpointFolder, IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly ModelConfig _config;
    private readonly RunFolder _folder;

    public KeptCheckpoints(ModelConfig config) => (_config, _folder) = (config, RunFolder.Start(Path.Combine(_root.Path, "run")));

    public int? SavedStep { get; private set; }

    /// <summary>Why nothing can be begun; null: it can.</summary>
    public string? Refusal { get; init; }

    /// <summary>Steps that were given up.</summary>
    public List<int> Abandoned { get; } = [];

    public string Folder => _folder.Folder;

    public string Begin(int step)
    {
        if (Refusal is not null)
        {
            throw new CheckpointException(Folder, Refusal);
        }

        string beside = _folder.Begin(step);
        TrainingCheckpoint.Begin(beside, new RunState(step) { Run = _folder.Run }, HubConfig.Create(_config));
        return beside;
    }

    public string Commit(int step, CheckpointShares shares)
    {
        _folder.Write(step, beside => TrainingCheckpoint.Complete(beside, shares));
        SavedStep = step;
        return _folder.Commit(step);
    }

    public string Abandon(int step, string reason)
    {
        Abandoned.Add(step);
        return _folder.Abandon(step, new IOException(reason)).Message;
    }

    public void Dispose()
    {
        _folder.Dispose();
        _root.Dispose();
    }
}
