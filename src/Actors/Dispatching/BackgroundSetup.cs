using Akka.Actor;
using Akka.Actor.Setup;

namespace Actors.Runtime.Dispatching;

/// <summary>Says where the actors of a system do their background work; without it they do it on the thread pool.</summary>
/// <param name="work">Does it.</param>
public sealed class BackgroundSetup(IBackgroundWork work) : Setup
{
    private static readonly ThreadPoolWork Pool = new();

    private IBackgroundWork Work { get; } = work;

    /// <summary>Begins work for the actor whose context this is.</summary>
    internal static Task<T> RunAsync<T>(IActorContext context, Func<Task<T>> work, CancellationToken cancellation = default) =>
        (context.System.Settings.Setup.Get<BackgroundSetup>() is { HasValue: true, Value: { } setup } ? setup.Work : Pool).RunAsync(context.Self, work, cancellation);

    /// <summary>Begins work that waits in its own thread.</summary>
    internal static Task<T> Run<T>(IActorContext context, Func<T> work) => RunAsync(context, () => Task.FromResult(work()));

    private sealed class ThreadPoolWork : IBackgroundWork
    {
        public Task<T> RunAsync<T>(IActorRef actor, Func<Task<T>> work, CancellationToken cancellation) => Task.Run(work, cancellation);
    }
}
