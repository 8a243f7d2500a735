using System.Runtime.InteropServices;

namespace Actors.Runtime.Peers;

/// <summary>
/// What stands before a frame's payload: plain numbers of fixed size, little endian, whose meaning is the users' matter. The link guards
/// them with a checksum of its own.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct FrameHeader
{
    /// <summary>What the frame is, 0 or more; below 0 are the link's own notices.</summary>
    public int Kind;

    /// <summary>The placement for which it was sent.</summary>
    public int Epoch;

    /// <summary>Whom it is for.</summary>
    public int Target;

    /// <summary>The users' own numbers.</summary>
    public int A;

    /// <inheritdoc cref="A"/>
    public int B;

    /// <inheritdoc cref="A"/>
    public int C;

    /// <inheritdoc cref="A"/>
    public int D;

    /// <inheritdoc cref="A"/>
    public int E;

    /// <summary>A timestamp of the sender's clock, converted to the receiver's on arrival; 0: none.</summary>
    public long Time;

    /// <summary>Bytes that follow; set by the link.</summary>
    public long PayloadBytes;
}
