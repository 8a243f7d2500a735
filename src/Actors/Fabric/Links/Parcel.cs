using Actors.Tensors;

namespace Actors.Runtime.Fabric.Links;

/// <summary>Rows that a rank sends to another in every step, and the message that brings them: made once by the sender, who fills it anew for each step.</summary>
/// <param name="message">Brings the rows.</param>
internal sealed class Parcel(FrameMessage message)
{
    /// <summary>Brings the rows.</summary>
    public FrameMessage Message { get; } = message;

    /// <summary>Tensors of one shape whose sum is sent; one: sent as it is.</summary>
    public List<Tensor> Parts { get; } = new(1);

    /// <summary>A frame among the parts, to be given back when it has been read.</summary>
    public Frame Read { get; set; } = Frame.Empty;

    /// <summary>The rank that gets it.</summary>
    public int Receiver { get; set; }

    /// <summary>Whether the one part goes back to the domain's pool once it is written.</summary>
    public bool Gives { get; set; }

    /// <summary>The frame's rows, while they are written.</summary>
    public Tensor Rows { get; set; }

    /// <summary>Lets go of the tensors, which are other rows' from now on.</summary>
    public void Empty()
    {
        Parts.Clear();
        (Read, Rows) = (Frame.Empty, default);
    }
}
