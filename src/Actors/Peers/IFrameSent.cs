namespace Actors.Runtime.Peers;

/// <summary>Waits for the memory of a frame that is being sent.</summary>
public interface IFrameSent
{
    /// <summary>
    /// The link reads the frame's parts no more. Called once for each frame, on a pump, also when the link ended before the frame had gone:
    /// that is known by <see cref="IFrameSink.Ended"/>. Must not wait.
    /// </summary>
    void Sent();
}
