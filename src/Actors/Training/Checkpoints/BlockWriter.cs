using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Tensors;

namespace Actors.Runtime.Training.Checkpoints;

/// <summary>Writes the files of one process into the folder of a checkpoint that was begun.</summary>
/// <inheritdoc cref="TrainingCheckpoint.Write"/>
public delegate void BlockWriter(
    string folder, CheckpointShares shares, int writer, IStream stream, IEnumerable<ParameterBlock> blocks, IReadOnlyList<TrainedBlock> moments);
