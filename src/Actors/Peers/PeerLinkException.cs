namespace Actors.Runtime.Peers;

/// <summary>A link could not be opened, or cannot take a frame. The message is one line that names the other process.</summary>
public sealed class PeerLinkException(string message, Exception? inner = null) : Exception(message, inner);
