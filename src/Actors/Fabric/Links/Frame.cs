using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Fabric.Links;

/// <summary>
/// Rows that one rank's stage hands to another's: the message that brings them makes the receiver their owner, until it gives them back
/// by <see cref="FramePort.Release"/>.
/// </summary>
/// <param name="Rows">(rows, columns), contiguous; absent where there is nothing to bring.</param>
/// <param name="Sender">The rank whose credit the frame holds; −1: the rows lie in the receiver's own domain.</param>
internal readonly record struct Frame(Tensor Rows, int Sender)
{
    /// <summary>A frame without rows.</summary>
    public static Frame Empty { get; } = new(default, -1);
}

/// <summary>Stage → stage: a frame was read; one credit.</summary>
/// <param name="Receiver">Rank that read it.</param>
internal sealed record FrameReleased(int Receiver) : INoSerializationVerificationNeeded;

/// <summary>Link → the stage that used it: the rows of a frame have been written, it can go.</summary>
internal sealed record FrameWritten(FramePort.Parcel Parcel) : INoSerializationVerificationNeeded;

/// <summary>Link → the stage that used it: the rows of a frame have been copied.</summary>
/// <param name="Frame">The frame, to be given back.</param>
/// <param name="Message">What brings the copy.</param>
internal sealed record FrameKept(Frame Frame, object Message) : INoSerializationVerificationNeeded;
