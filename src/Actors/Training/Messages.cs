using System.Collections.Immutable;
using Actors.Runtime.Cluster.Serialization;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Serving;
using Actors.Runtime.Training.Checkpoints;
using MemoryPack;

namespace Actors.Runtime.Training;

/// <summary>
/// User → coordinator: train. Answered by a <see cref="StepCompleted"/> a step, a <see cref="CheckpointSaved"/> a checkpoint and one
/// <see cref="TrainingEnded"/>. Where the run keeps checkpoints the state that training ends with is always saved.
/// </summary>
/// <param name="LastStep">Number of the last step, from 1.</param>
/// <param name="CheckpointEverySteps">Steps whose number this divides are saved too; 0: none.</param>
[MemoryPackable]
public sealed partial record Train(int LastStep, int CheckpointEverySteps) : IControlMessage;

/// <summary>User → coordinator: end after the step under way. The state is saved as at the end of training.</summary>
[MemoryPackable]
public sealed partial record StopTraining : IControlMessage;

/// <summary>Coordinator → user: a step's results.</summary>
/// <param name="Step">Number, from 1.</param>
/// <param name="Loss">Mean loss of the step's tokens, nats.</param>
/// <param name="GradientNorm">Norm of all gradients before clipping.</param>
/// <param name="LearningRate">Step size used.</param>
/// <param name="Tokens">Tokens of the step.</param>
/// <param name="Seconds">Time of the step.</param>
/// <param name="Times">Sum over ranks of where their time went.</param>
/// <param name="Load">Tokens that chose each expert, a layer with experts each.</param>
/// <param name="MaxNodesOfToken">Most nodes that any token reached in a layer.</param>
/// <param name="MeanNodesOfToken">Nodes that a token reached in a layer, the mean over those that were routed.</param>
/// <param name="PredictionLosses">Mean loss of each multi-token-prediction module, nats.</param>
/// <param name="Balance">The balance loss, see <see cref="Model.Training.BalanceLoss"/>; 0 without it.</param>
[MemoryPackable]
public sealed partial record StepCompleted(
    int Step, double Loss, double GradientNorm, double LearningRate, long Tokens, double Seconds, RankTimes Times,
    ImmutableArray<LayerLoad> Load, int MaxNodesOfToken, double MeanNodesOfToken, ImmutableArray<double> PredictionLosses, double Balance) : IControlMessage;

/// <summary>Coordinator → user: no further step is under way.</summary>
/// <param name="LastStep">Number of the last step that ended.</param>
/// <param name="HeldOutLoss">From a cluster's leader: the mean over the held-out text, nats a token; null where it was not measured.</param>
/// <param name="Sample">From a cluster's leader: the request that shows what the model has learned, for the cluster's serving; null: none is asked for.</param>
[MemoryPackable]
public sealed partial record TrainingEnded(int LastStep, double? HeldOutLoss = null, Infer? Sample = null) : IControlMessage;

/// <summary>
/// User → coordinator: measure the loss over the held-out text, of which every rank draws its part. <see cref="StopTraining"/> ends it after
/// the present batch. Answered by <see cref="HeldOutMeasured"/>.
/// </summary>
[MemoryPackable]
public sealed partial record MeasureHeldOut : IControlMessage;

/// <summary>Coordinator → user: the held-out text has been read.</summary>
/// <param name="Step">The last step that the model has behind it.</param>
/// <param name="Loss">Mean over the held-out text, nats a token; null where nothing is held out, or the measuring was ended.</param>
[MemoryPackable]
public sealed partial record HeldOutMeasured(int Step, double? Loss) : IControlMessage;

/// <summary>
/// User → coordinator: run a batch without changing the model. Answered by <see cref="BatchCompleted"/>; what was asked for
/// then stays with the ranks until the next batch or step, and is read from them by <see cref="Results.ReadResult"/>.
/// </summary>
/// <param name="Ids">Token ids (sequences, length), row by row.</param>
/// <param name="Targets">Targets, as many; −1 counts nothing.</param>
/// <param name="Gradients">Whether gradients are computed and summed over ranks.</param>
/// <param name="Capture">Whether logits and expert choices are kept.</param>
[MemoryPackable]
public sealed partial record RunBatch(ImmutableArray<int> Ids, ImmutableArray<int> Targets, bool Gradients, bool Capture) : IControlMessage;

/// <summary>Coordinator → user: a batch has run.</summary>
/// <param name="Loss">Mean loss over tokens with a target, nats.</param>
/// <param name="Targets">Tokens with a target.</param>
/// <param name="PredictionLosses">Mean loss of each multi-token-prediction module over its targets, nats.</param>
[MemoryPackable]
public sealed partial record BatchCompleted(double Loss, int Targets, ImmutableArray<double> PredictionLosses) : IControlMessage;

/// <summary>Coordinator → user: training or the batch failed; nothing more can be run.</summary>
/// <param name="Reason">What, where and how to mend it, one line.</param>
/// <param name="WholeStep">
/// The step whose model and optimizer state are still whole in memory and worth keeping; null where they are not, or are what
/// made the loss no number.
/// </param>
/// <param name="Detail">The failure with its stack trace, where there is one.</param>
/// <param name="Checkpoint">The folder that the state of <paramref name="WholeStep"/> was saved to for this failure, or null.</param>
/// <param name="NotKept">Why that state could not be saved, one line, or null.</param>
[MemoryPackable]
public sealed partial record RunFailed(string Reason, int? WholeStep = null, string? Detail = null, string? Checkpoint = null, string? NotKept = null) : IControlMessage;
