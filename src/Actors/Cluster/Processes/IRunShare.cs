using System.Collections.Immutable;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>A process's share of a placement: its memory, and its links to the other processes.</summary>
internal interface IRunShare : IAsyncDisposable
{
    /// <summary>
    /// Makes the node actors, in the order of the share's nodes, and the actor that a leader needs beside them: in training what writes the
    /// process's part of checkpoints, in serving the gateway, nobody where another process has it.
    /// </summary>
    /// <param name="actors">Makes them.</param>
    (ImmutableArray<IActorRef> Nodes, IActorRef Saver) Start(IActorRefFactory actors);
}

/// <summary>Opens a process's share of a placement.</summary>
internal interface IShareOpener
{
    /// <summary>Opens links, allocates memory and loads values; none of it in an actor's turn.</summary>
    /// <param name="order">The share.</param>
    /// <param name="peerLost">Is told when the link to another process has ended: its number, and why.</param>
    /// <param name="cancellation">Asks to give up.</param>
    Task<IRunShare> OpenAsync(PrepareShare order, Action<int, string> peerLost, CancellationToken cancellation);
}
