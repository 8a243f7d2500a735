using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Pipeline;

/// <summary>The end of work that no component waits for, as a message to the stage.</summary>
internal sealed class TellSelf(IActorRef self, object message) : IStreamCompletion
{
    public void Completed(Exception? failure) => self.Tell(failure is null ? message : new ComputeFailed(failure.Message), self);
}

/// <summary>Stream → the stage that used it: an operation failed; the stage throws and its supervisor decides.</summary>
internal sealed record ComputeFailed(string Reason) : INoSerializationVerificationNeeded;
