using Akka.Actor;

namespace Actors.Runtime.Dispatching;

/// <summary>Does what an actor must not wait for in a turn: the disk, the network.</summary>
public interface IBackgroundWork
{
    /// <summary>Begins a piece of work.</summary>
    /// <param name="actor">Who asks for it.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellation">Asks not to begin it.</param>
    /// <returns>Its result.</returns>
    Task<T> RunAsync<T>(IActorRef actor, Func<Task<T>> work, CancellationToken cancellation);
}
