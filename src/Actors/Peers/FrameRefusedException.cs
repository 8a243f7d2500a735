namespace Actors.Runtime.Peers;

/// <summary>A frame cannot be taken: its header names no place, or its sizes are wrong. Ends the link with this message.</summary>
public sealed class FrameRefusedException(string message) : Exception(message);
