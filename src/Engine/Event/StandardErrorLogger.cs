using Akka.Actor;
using Akka.Actor.Internal;

namespace Akka.Event;

/// <summary>Writes log events to the standard error stream, a line each, on the thread that logs.</summary>
internal sealed class StandardErrorLogger(ActorSystemImpl system, ActorPath path) : PathActorRef(system, path)
{
    protected override void TellInternal(object message, IActorRef? sender) => Console.Error.WriteLine(message);
}
