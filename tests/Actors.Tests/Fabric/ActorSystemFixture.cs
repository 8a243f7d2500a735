using Akka.Actor;

namespace Actors.Runtime.Tests.Fabric;

/// <summary>One actor system for the tests of a class.</summary>
public sealed class ActorSystemFixture : IDisposable
{
    /// <summary>The system.</summary>
    public ActorSystem System { get; } = ActorSystem.Create("fabric-tests");

    /// <inheritdoc/>
    public void Dispose() => System.Dispose();
}
