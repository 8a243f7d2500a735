using Actors.Model.Training;
using Actors.Runtime.Cluster.Processes.Serving;
using Actors.Runtime.Configuration;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>What a process brings into a cluster.</summary>
public sealed record ClusterProcessOptions
{
    /// <summary>The run that the process's settings describe; its nodes have memory of their own.</summary>
    public required RunPlan Plan { get; init; }

    /// <summary>Whether a run that has lost processes goes on with fewer ranks where the devices of the others do not suffice.</summary>
    public bool IsElastic { get; init; }

    /// <summary>Hash of all that the processes of a run must agree on.</summary>
    public required string RunHash { get; init; }

    /// <summary>Addresses and times.</summary>
    public required ClusterSettings Settings { get; init; }

    /// <summary>Limits and times of links.</summary>
    public required LinkSettings Links { get; init; }

    /// <summary>What the process's ranks compute on: its nodes are divided over them.</summary>
    public required RunDevices Devices { get; init; }

    /// <summary>Kind of the devices and of rows, in which all processes of a cluster must be alike: they sum in another order, or round elsewhere.</summary>
    public string DeviceKind { get; init; } = "";

    /// <summary>The devices for people.</summary>
    public string DeviceName { get; init; } = "";

    /// <summary>Where the process's ranks draw their tokens from.</summary>
    public required IBatchSource Batches { get; init; }

    /// <summary>Fills a share's values and moments as it is ordered; refuses a folder that is not the leader's.</summary>
    public required Action<TrainingHost, PrepareShare> Load { get; init; }

    /// <summary>Writes a share's files into a checkpoint.</summary>
    public BlockWriter WriteBlocks { get; init; } = TrainingCheckpoint.Write;

    /// <summary>Longest wait for what a device has yet to do when a share is given up.</summary>
    public required TimeSpan StallTimeout { get; init; }

    /// <summary>Opens the folder of a run, to which the cluster may have written before.</summary>
    public required Func<TrainRun, IClusterRun> OpenRun { get; init; }

    /// <summary>What it brings to serve with others; null: the cluster serves nothing.</summary>
    public ClusterServingOptions? Serving { get; init; }

    /// <summary>Measures.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Where the process logs and counts.</summary>
    public required Telemetry Telemetry { get; init; }
}
