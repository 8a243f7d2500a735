using System.Collections.Immutable;
using Akka.Actor;

namespace Actors.Runtime.Training.Checkpoints;

/// <summary>A process of a run as its coordinator sees it.</summary>
/// <param name="Nodes">The nodes of the plan that live in it.</param>
/// <param name="Saver">Takes <see cref="SaveBlocks"/>.</param>
public sealed record RunProcess(ImmutableArray<int> Nodes, IActorRef Saver);
