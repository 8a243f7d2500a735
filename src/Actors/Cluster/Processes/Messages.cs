using System.Collections.Immutable;
using Actors.Runtime.Cluster.Serialization;
using Actors.Runtime.Placement;
using Akka.Actor;
using MemoryPack;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>Leader → process: say who you are, and prove that you know the secret.</summary>
/// <param name="Nonce">Random bytes that the proof is over.</param>
[MemoryPackable]
public sealed partial record Introduce(ImmutableArray<byte> Nonce) : IControlMessage;

/// <summary>Process → leader: who it is.</summary>
/// <param name="Process">What it can do and holds.</param>
/// <param name="Proof">HMAC-SHA256 with the secret over the nonce and the description.</param>
[MemoryPackable]
public sealed partial record ProcessIntroduced(ProcessDescription Process, ImmutableArray<byte> Proof) : IControlMessage;

/// <summary>A process of the cluster as a leader must know it.</summary>
/// <param name="Name">For people: host and process number.</param>
/// <param name="Host">The host that it runs on: processes of one host may share memory.</param>
/// <param name="RunHash">Hash of what all processes of a run must agree on: version, settings of model, placement and training, and the text.</param>
/// <param name="LinkAddress">Where its links are accepted: an address that the others reach.</param>
/// <param name="LinkPort">The port.</param>
/// <param name="Devices">Ranks that it takes at most; 0: any number.</param>
/// <param name="Held">The run that it has a share of; null: none.</param>
/// <param name="Epoch">The highest that it was ordered into, by any leader; 0: none.</param>
/// <param name="DeviceKind">Kind of its devices and of rows, the same for all processes of a cluster.</param>
/// <param name="DeviceName">Its devices, for people.</param>
[MemoryPackable]
public sealed partial record ProcessDescription(
    string Name, string Host, string RunHash, string LinkAddress, int LinkPort, int Devices, HeldRun? Held, int Epoch = 0, string DeviceKind = "", string DeviceName = "");

/// <summary>What a process remembers of the run that it takes part in, so that a new leader can go on with it.</summary>
/// <param name="Epoch">The placement.</param>
/// <param name="Order">What was asked for.</param>
/// <param name="Process">Its number in the placement.</param>
/// <param name="Processes">All of the placement, by number.</param>
/// <param name="Sizes">The sizes of the plan that was placed.</param>
[MemoryPackable]
public sealed partial record HeldRun(int Epoch, TrainRun Order, int Process, ImmutableArray<ProcessShare> Processes, PlanSizes Sizes);

/// <summary>Leader → process: take these nodes of the plan, open links to the others, load the values and make the node actors.</summary>
/// <param name="Epoch">Number of the placement, higher than any before.</param>
/// <param name="Process">The process's own number in it.</param>
/// <param name="Processes">All of them, by number.</param>
/// <param name="Checkpoint">Folder of the checkpoint to load; null: the model that the settings name, or fresh weights.</param>
/// <param name="Order">What the run was asked for.</param>
/// <param name="Sizes">The sizes of the plan that is placed; all else of it the process's own settings say.</param>
[MemoryPackable]
public sealed partial record PrepareShare(
    int Epoch, int Process, ImmutableArray<ProcessShare> Processes, string? Checkpoint, TrainRun Order, PlanSizes Sizes) : IControlMessage;

/// <summary>A process's share of a placement.</summary>
/// <param name="Name">For people.</param>
/// <param name="Host">The host that it runs on.</param>
/// <param name="LinkAddress">Where its links are accepted.</param>
/// <param name="LinkPort">The port.</param>
/// <param name="Nodes">Nodes of the plan, ascending.</param>
[MemoryPackable]
public sealed partial record ProcessShare(string Name, string Host, string LinkAddress, int LinkPort, ImmutableArray<int> Nodes);

/// <summary>Process → leader: its share stands.</summary>
/// <param name="Epoch">The placement.</param>
/// <param name="Process">Its number.</param>
/// <param name="Nodes">The node actors, in the order of its nodes.</param>
/// <param name="Saver">Writes the process's part of checkpoints.</param>
[MemoryPackable]
public sealed partial record SharePrepared(int Epoch, int Process, ImmutableArray<IActorRef> Nodes, [property: MemoryPackAllowSerialize] IActorRef Saver) : IControlMessage;

/// <summary>Process → leader: it cannot take its share.</summary>
/// <param name="Epoch">The placement.</param>
/// <param name="Process">Its number.</param>
/// <param name="Reason">Why, one line.</param>
[MemoryPackable]
public sealed partial record ShareRefused(int Epoch, int Process, string Reason) : IControlMessage;

/// <summary>
/// Leader → process: a process was lost; let your ranks hold still, so that the state can be saved from memory. Answered by
/// <see cref="ShareHolding"/> at once, and by <see cref="Training.Copies.ShareHeld"/> when they do.
/// </summary>
/// <param name="Epoch">The placement.</param>
/// <param name="Process">The process's number in it.</param>
[MemoryPackable]
public sealed partial record HoldShare(int Epoch, int Process) : IControlMessage;

/// <summary>Process → leader: the order to hold still has come, which tells that the process lives.</summary>
/// <param name="Epoch">The placement.</param>
[MemoryPackable]
public sealed partial record ShareHolding(int Epoch) : IControlMessage;

/// <summary>Leader → process: give up your share of a placement.</summary>
/// <param name="Epoch">The placement.</param>
[MemoryPackable]
public sealed partial record DropShare(int Epoch) : IControlMessage;

/// <summary>Process → leader: the order to drop has come, which tells that the process lives.</summary>
/// <param name="Epoch">The placement.</param>
[MemoryPackable]
public sealed partial record ShareDropping(int Epoch) : IControlMessage;

/// <summary>Process → leader: nothing of a placement is left here.</summary>
/// <param name="Epoch">The placement.</param>
[MemoryPackable]
public sealed partial record ShareDropped(int Epoch) : IControlMessage;

/// <summary>Process → leader: the link to another process has ended.</summary>
/// <param name="Epoch">The placement.</param>
/// <param name="Process">Who lost it.</param>
/// <param name="Peer">Whom.</param>
/// <param name="Reason">Why, one line.</param>
[MemoryPackable]
public sealed partial record PeerLost(int Epoch, int Process, int Peer, string Reason) : IControlMessage;

/// <summary>Caller → leader: train. Answered by what a coordinator answers, and by notices of placements.</summary>
/// <param name="OutputFolder">Full path of the folder for checkpoints, which all processes see.</param>
/// <param name="Run">Names the run: who asks for the same again watches it, or is told how it ended.</param>
[MemoryPackable]
public sealed partial record TrainRun(string OutputFolder, string Run) : IControlMessage;

/// <summary>
/// Caller → leader: tell me how the run goes. Said again and again: a watcher that is silent is forgotten, and a new leader hears of it
/// so. Answered by <see cref="Watching"/>, by the latest steps that the watcher has not seen, and where nothing is under way by how the last run ended.
/// </summary>
/// <param name="After">The last step that the watcher has seen; 0: none.</param>
[MemoryPackable]
public sealed partial record WatchRun(int After) : IControlMessage;

/// <summary>Leader → caller: it is told how the run goes.</summary>
/// <param name="Processes">Addresses of the cluster's processes, any of which takes requests; those that leave are not among them.</param>
/// <param name="Steps">Number of the run's last step; 0 where nothing is under way.</param>
/// <param name="Ranks">Ranks of a run.</param>
[MemoryPackable]
public sealed partial record Watching(ImmutableArray<string> Processes, int Steps, int Ranks) : IControlMessage;

/// <summary>Caller → leader: say how the cluster is.</summary>
[MemoryPackable]
public sealed partial record DescribeCluster : IControlMessage;

/// <summary>Leader → caller: how the cluster is.</summary>
/// <param name="Processes">Each process.</param>
/// <param name="Run">What it trains, or that it trains nothing.</param>
[MemoryPackable]
public sealed partial record ClusterDescribed(ImmutableArray<ProcessState> Processes, string Run) : IControlMessage;

/// <summary>A process in a description of the cluster.</summary>
/// <param name="Address">Where it is reached.</param>
/// <param name="Name">For people: host and process number; empty while it has not said who it is.</param>
/// <param name="State">What it does, or why it is not placed on.</param>
/// <param name="Nodes">Nodes of the plan that it has.</param>
/// <param name="Device">What it computes on; empty while it has not said who it is.</param>
[MemoryPackable]
public sealed partial record ProcessState(string Address, string Name, string State, ImmutableArray<int> Nodes, string Device = "");

/// <summary>
/// Operator → leader: have a process leave in good order. Its step is finished and saved where it has a share, the plan's nodes are placed on
/// the others, and then it may go. Answered by <see cref="OperatorAnswered"/> at once.
/// </summary>
/// <param name="Process">Its address, host:port; null: the process that is asked.</param>
[MemoryPackable]
public sealed partial record LeaveCluster(string? Process) : IControlMessage;

/// <summary>Operator → leader: a process is dead, do not wait until it is noticed. Answered by <see cref="OperatorAnswered"/>.</summary>
/// <param name="Process">Its address, host:port; null: the process that is asked.</param>
[MemoryPackable]
public sealed partial record DownProcess(string? Process) : IControlMessage;

/// <summary>Leader → operator: what becomes of a request.</summary>
/// <param name="Text">What is done, or why it is not, one line.</param>
/// <param name="IsRefused">Whether nothing is done.</param>
[MemoryPackable]
public sealed partial record OperatorAnswered(string Text, bool IsRefused) : IControlMessage;

/// <summary>Leader → process: you have nothing of a run that another does not have; leave now.</summary>
[MemoryPackable]
public sealed partial record LeaveNow : IControlMessage;

/// <summary>Leader → watcher: what happens to the run beside its steps, one line.</summary>
/// <param name="Text">The line.</param>
[MemoryPackable]
public sealed partial record RunNotice(string Text) : IControlMessage;
