using System.Collections.Immutable;
using Actors.Runtime.Cluster.Serialization;
using MemoryPack;

namespace Actors.Runtime.Training.Checkpoints;

/// <summary>Coordinator → its checkpoint actor: save the state of the step that has ended. Answered by <see cref="CheckpointSaved"/> or <see cref="CheckpointFailed"/>.</summary>
/// <param name="Step">Number of the step.</param>
internal sealed record SaveCheckpoint(int Step);

/// <summary>Checkpoint actor → the saver of each process: write the blocks of your ranks. Answered by <see cref="BlocksSaved"/>.</summary>
/// <param name="Folder">Where a checkpoint is begun; all processes write to the same disk.</param>
/// <param name="Writer">Number of the process among the writers.</param>
/// <param name="Writers">The writer for each node of the plan.</param>
[MemoryPackable]
public sealed partial record SaveBlocks(string Folder, int Writer, ImmutableArray<int> Writers) : IControlMessage;

/// <summary>Saver → checkpoint actor: the process has written its files, or could not.</summary>
/// <param name="Failure">What and why, one line; null: they are written and on the disk.</param>
[MemoryPackable]
public sealed partial record BlocksSaved(string? Failure = null) : IControlMessage;

/// <summary>Coordinator → user: a checkpoint is whole.</summary>
/// <param name="Step">Steps behind it.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Seconds">Time that it took.</param>
[MemoryPackable]
public sealed partial record CheckpointSaved(int Step, string Folder, double Seconds) : IControlMessage;

/// <summary>Coordinator → user: a checkpoint cannot be written. Training has ended and nothing more can be run.</summary>
/// <param name="Step">Steps behind it.</param>
/// <param name="Reason">Which, why, and what to do, one line.</param>
/// <param name="Detail">The failure with its stack trace, where there is one.</param>
[MemoryPackable]
public sealed partial record CheckpointFailed(int Step, string Reason, string? Detail) : IControlMessage;
