using Actors.Runtime.Cluster;
using Akka.Actor;

namespace Actors.LoadTests.Routing;

/// <summary>Memory of the scenario and what its ranks are made of: on the host, or on devices.</summary>
internal interface IRoutingPlane : IDisposable
{
    RoutingOptions Options { get; }

    /// <summary>The ranks of this process.</summary>
    IReadOnlyList<int> Ranks { get; }

    /// <summary>Where the actors of all ranks are.</summary>
    RankAddresses Addresses { get; }

    /// <summary>Makes the actors of a rank, as children of an actor.</summary>
    RankActors Make(IUntypedActorContext parent, int rank);

    /// <summary>Compares what came back in every exchange with what must; nothing is under way.</summary>
    /// <exception cref="CheckFailedException">It differs, or a token reached too many nodes.</exception>
    void Check();

    /// <summary>What was moved and spent so far; nothing is under way.</summary>
    RoutingCounts Count();
}
