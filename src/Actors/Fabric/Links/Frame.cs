using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Fabric.Links;

/// <summary>
/// Rows that one rank's stage hands to another's: the message that brings them makes the receiver their owner, until it gives them back
/// by <see cref="FramePort.Release"/>. Lent ones lie where the sender's stream writes them, and are there once that has reached their mark.
/// </summary>
/// <param name="Rows">(rows, columns), contiguous; absent where there is nothing to bring.</param>
/// <param name="Sender">The rank whose credit the frame holds, or who lends the rows; −1: the rows lie in the receiver's own domain.</param>
/// <param name="Lent">Memory of the sender, where the rows are lent; else null.</param>
internal readonly record struct Frame(Tensor Rows, int Sender, LentRows? Lent = null)
{
    /// <summary>A frame without rows.</summary>
    public static Frame Empty { get; } = new(default, -1);
}

/// <summary>
/// A message that brings a frame. Who sends it makes it once and sends it again in every step, with another frame: a step begins only when
/// all ranks have ended the one before, and so have read it.
/// </summary>
internal abstract record FrameMessage : INoSerializationVerificationNeeded
{
    /// <summary>The frame.</summary>
    public Frame Frame { get; set; } = Frame.Empty;

    /// <summary>Takes the frame out: the message, which its sender keeps, names no rows of the receiver.</summary>
    public Frame Take()
    {
        Frame frame = Frame;
        Frame = Frame.Empty;
        return frame;
    }
}

/// <summary>Stage → stage: a frame was read; one credit.</summary>
/// <param name="Receiver">Rank that read it.</param>
internal sealed record FrameReleased(int Receiver) : INoSerializationVerificationNeeded;

/// <summary>Link → the stage that used it: the rows of a frame have been written, it can go.</summary>
internal sealed record FrameWritten(Parcel Parcel) : INoSerializationVerificationNeeded;

/// <summary>Link → the stage that used it: the rows of a frame have been copied.</summary>
/// <param name="Frame">The frame, to be given back.</param>
/// <param name="Message">Brings the copy.</param>
internal sealed record FrameKept(Frame Frame, FrameMessage Message) : INoSerializationVerificationNeeded;
