using Actors.Model.Checkpoint;
using Actors.Model.Training;

namespace Actors.Runtime.Training.Checkpoints;

/// <summary>
/// Where a run keeps its checkpoints. Its calls write files and wait for the disk: they are made one after the other, in no thread that runs
/// actors. Between <see cref="Begin"/> and <see cref="Commit"/> others write into the folder.
/// </summary>
public interface ICheckpointFolder
{
    /// <summary>The step of the run's newest checkpoint; null: there is none.</summary>
    int? SavedStep { get; }

    /// <summary>Begins a checkpoint where there is room for it; nothing loads it before it is committed.</summary>
    /// <param name="step">Steps behind it.</param>
    /// <returns>The folder that its files are written to.</returns>
    /// <exception cref="CheckpointException">The disk refuses; what was begun is removed.</exception>
    string Begin(int step);

    /// <summary>Makes a checkpoint whole once all writers have written their files, gives it its name and removes old ones.</summary>
    /// <param name="step">Steps behind it.</param>
    /// <param name="shares">Its files.</param>
    /// <returns>Its folder.</returns>
    /// <exception cref="CheckpointException">A file is missing, or the disk refuses; what was written is removed.</exception>
    string Commit(int step, CheckpointShares shares);

    /// <summary>Gives up a checkpoint that a writer could not write, and removes what is written of it.</summary>
    /// <param name="step">Steps behind it.</param>
    /// <param name="reason">Why.</param>
    /// <returns>One line: which checkpoint could not be written, why, and what to do.</returns>
    string Abandon(int step, string reason);
}
