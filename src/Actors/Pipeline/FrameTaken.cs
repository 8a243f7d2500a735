using Actors.Runtime.Fabric.Links;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Pipeline;

/// <summary>The rows of a block's message lie in their place; one for each block, used again: a gradient and values come in turns.</summary>
/// <param name="self">The stage, which is told.</param>
internal sealed class FrameTaken(IActorRef self) : IStreamCompletion, INoSerializationVerificationNeeded
{
    public FrameMessage? Message { get; set; }

    public void Completed(Exception? failure) => self.Tell(failure is null ? this : new ComputeFailed(failure.Message), self);
}
