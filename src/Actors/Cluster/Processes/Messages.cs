using System.Collections.Immutable;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>Leader → process: say who you are, and prove that you know the secret.</summary>
/// <param name="Nonce">Random bytes that the proof is over.</param>
public sealed record Introduce(ImmutableArray<byte> Nonce);

/// <summary>Process → leader: who it is.</summary>
/// <param name="Process">What it can do and holds.</param>
/// <param name="Proof">HMAC-SHA256 with the secret over the nonce and the description.</param>
public sealed record ProcessIntroduced(ProcessDescription Process, ImmutableArray<byte> Proof);

/// <summary>A process of the cluster as a leader must know it.</summary>
/// <param name="Name">For people: host and process number.</param>
/// <param name="Host">The host that it runs on: processes of one host may share memory.</param>
/// <param name="RunHash">Hash of what all processes of a run must agree on: version, settings of model, placement and training, and the text.</param>
/// <param name="LinkAddress">Where its links are accepted: an address that the others reach.</param>
/// <param name="LinkPort">The port.</param>
/// <param name="Held">The run that it has a share of; null: none.</param>
public sealed record ProcessDescription(string Name, string Host, string RunHash, string LinkAddress, int LinkPort, HeldRun? Held);

/// <summary>What a process remembers of the run that it takes part in, so that a new leader can go on with it.</summary>
/// <param name="Epoch">The placement.</param>
/// <param name="Order">What was asked for.</param>
public sealed record HeldRun(int Epoch, TrainRun Order);

/// <summary>Leader → process: take these nodes of the plan, open links to the others, load the values and make the node actors.</summary>
/// <param name="Epoch">Number of the placement, higher than any before.</param>
/// <param name="Process">The process's own number in it.</param>
/// <param name="Processes">All of them, by number.</param>
/// <param name="Checkpoint">Folder of the checkpoint to load; null: the model that the settings name, or fresh weights.</param>
/// <param name="Order">What the run was asked for.</param>
public sealed record PrepareShare(int Epoch, int Process, ImmutableArray<ProcessShare> Processes, string? Checkpoint, TrainRun Order);

/// <summary>A process's share of a placement.</summary>
/// <param name="Name">For people.</param>
/// <param name="Host">The host that it runs on.</param>
/// <param name="LinkAddress">Where its links are accepted.</param>
/// <param name="LinkPort">The port.</param>
/// <param name="Nodes">Nodes of the plan, ascending.</param>
public sealed record ProcessShare(string Name, string Host, string LinkAddress, int LinkPort, ImmutableArray<int> Nodes);

/// <summary>Process → leader: its share stands.</summary>
/// <param name="Epoch">The placement.</param>
/// <param name="Process">Its number.</param>
/// <param name="Nodes">The node actors, in the order of its nodes.</param>
/// <param name="Saver">Writes the process's part of checkpoints.</param>
public sealed record SharePrepared(int Epoch, int Process, ImmutableArray<IActorRef> Nodes, IActorRef Saver);

/// <summary>Process → leader: it cannot take its share.</summary>
/// <param name="Epoch">The placement.</param>
/// <param name="Process">Its number.</param>
/// <param name="Reason">Why, one line.</param>
public sealed record ShareRefused(int Epoch, int Process, string Reason);

/// <summary>Leader → process: give up your share of a placement.</summary>
/// <param name="Epoch">The placement.</param>
public sealed record DropShare(int Epoch);

/// <summary>Process → leader: the order to drop has come, which tells that the process lives.</summary>
/// <param name="Epoch">The placement.</param>
public sealed record ShareDropping(int Epoch);

/// <summary>Process → leader: nothing of a placement is left here.</summary>
/// <param name="Epoch">The placement.</param>
public sealed record ShareDropped(int Epoch);

/// <summary>Process → leader: the link to another process has ended.</summary>
/// <param name="Epoch">The placement.</param>
/// <param name="Process">Who lost it.</param>
/// <param name="Peer">Whom.</param>
/// <param name="Reason">Why, one line.</param>
public sealed record PeerLost(int Epoch, int Process, int Peer, string Reason);

/// <summary>Caller → leader: train. Answered by what a coordinator answers, and by notices of placements.</summary>
/// <param name="OutputFolder">Full path of the folder for checkpoints, which all processes see.</param>
/// <param name="Run">Names the run: who asks for the same again watches it.</param>
public sealed record TrainRun(string OutputFolder, string Run);

/// <summary>
/// Caller → leader: tell me how the run goes. Said again and again: a watcher that is silent is forgotten, and a new leader hears of it
/// so. Answered by <see cref="Watching"/>, and where nothing is under way by how the last run ended.
/// </summary>
public sealed record WatchRun;

/// <summary>Leader → caller: it is told how the run goes.</summary>
/// <param name="Processes">Addresses of the cluster's processes, any of which takes requests.</param>
/// <param name="Steps">Number of the run's last step; 0 where nothing is under way.</param>
/// <param name="Ranks">Ranks of a run.</param>
public sealed record Watching(ImmutableArray<string> Processes, int Steps, int Ranks);

/// <summary>Caller → leader: say how the cluster is.</summary>
public sealed record DescribeCluster;

/// <summary>Leader → caller: how the cluster is.</summary>
/// <param name="Processes">Each process.</param>
/// <param name="Run">What it trains, or that it trains nothing.</param>
public sealed record ClusterDescribed(ImmutableArray<ProcessState> Processes, string Run);

/// <summary>A process in a description of the cluster.</summary>
/// <param name="Address">Where it is reached.</param>
/// <param name="Name">For people: host and process number; empty while it has not said who it is.</param>
/// <param name="State">What it does, or why it is not placed on.</param>
/// <param name="Nodes">Nodes of the plan that it has.</param>
public sealed record ProcessState(string Address, string Name, string State, ImmutableArray<int> Nodes);

/// <summary>Leader → watcher: what happens to the run beside its steps, one line.</summary>
/// <param name="Text">The line.</param>
public sealed record RunNotice(string Text);
