using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Cluster.Serialization;
using Actors.Runtime.Configuration;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Requests;

/// <summary>
/// What the command line asks of a model: the front end makes a checked request, this does it and tells how it goes. A failure throws,
/// and the message is one line.
/// </summary>
internal interface IModelRuns
{
    /// <summary>Refuses a training run that cannot fit, before its text is read, and says how much memory it takes.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="resumeFolder">Checkpoint to go on from; null: from the start.</param>
    /// <param name="isSerial">Whether to train without actors.</param>
    PlannedMemory? CheckTraining(ActorsSettings settings, string? resumeFolder, bool isSerial);

    /// <summary>What memory a training run would take, whether the machine has it or not.</summary>
    /// <param name="settings">The settings.</param>
    PlannedMemory PlanMemory(ActorsSettings settings);

    /// <summary>Trains.</summary>
    /// <param name="request">What to train on what.</param>
    /// <param name="progress">Is told of every step.</param>
    /// <param name="stop">Asks to finish the step, write a checkpoint and report.</param>
    Task<TrainingReport> TrainAsync(TrainRequest request, IRunProgress progress, CancellationToken stop);

    /// <summary>Goes on with a text.</summary>
    /// <param name="request">The prompt and how to draw.</param>
    /// <param name="progress">Is told of every piece of text.</param>
    /// <param name="stop">Asks to stop after the current token and report.</param>
    Task<InferenceReport> InferAsync(InferRequest request, IRunProgress progress, CancellationToken stop);

    /// <summary>Takes part in a cluster until it is stopped, or taken out of it.</summary>
    /// <param name="request">The process's settings and text.</param>
    /// <param name="progress">Is told of joining and of runs.</param>
    /// <param name="stop">Asks to leave.</param>
    Task RunNodeAsync(NodeRequest request, IRunProgress progress, CancellationToken stop);

    /// <summary>Has a cluster train, and waits for the end.</summary>
    /// <param name="request">Which cluster, and where checkpoints go.</param>
    /// <param name="progress">Is told of every step.</param>
    /// <param name="stop">Asks the cluster to finish the step, write a checkpoint and end.</param>
    Task<TrainingReport> TrainOnClusterAsync(ClusterTrainRequest request, IRunProgress progress, CancellationToken stop);

    /// <summary>Has a cluster go on with a text.</summary>
    /// <param name="request">Which cluster, the prompt and how to draw.</param>
    /// <param name="progress">Is told of every piece of text, and of which values answer.</param>
    /// <param name="stop">Asks to stop after the current token and report.</param>
    Task<InferenceReport> InferOnClusterAsync(ClusterInferRequest request, IRunProgress progress, CancellationToken stop);

    /// <summary>Has a cluster end a request for text.</summary>
    /// <param name="cluster">How the cluster is reached.</param>
    /// <param name="id">Names the request.</param>
    Task CancelInferenceAsync(ClusterAddress cluster, string id);

    /// <summary>Says how a cluster is.</summary>
    /// <param name="cluster">Address of one of its processes, host:port.</param>
    Task<ClusterDescribed> DescribeClusterAsync(ClusterAddress cluster);

    /// <summary>Has a cluster's leader change which processes there are.</summary>
    /// <param name="cluster">How the cluster is reached.</param>
    /// <param name="request">What is asked.</param>
    /// <returns>What is done.</returns>
    Task<string> ChangeClusterAsync(ClusterAddress cluster, IControlMessage request);

    /// <summary>Computes logits, loss and, if asked for, gradients of given tokens.</summary>
    /// <param name="request">Files and how to compute.</param>
    /// <param name="progress">Is told of the placement.</param>
    /// <param name="stop">Asks to give up.</param>
    Task<EvaluationReport> EvaluateAsync(EvalRequest request, IRunProgress progress, CancellationToken stop);
}
