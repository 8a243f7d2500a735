using System.Net;
using System.Net.Sockets;

namespace Actors.Runtime.Peers.Opening;

/// <summary>What both sides of a link do with sockets.</summary>
internal static class PeerSockets
{
    /// <summary>Whether both ends of a connection are on this host: it goes from an address of the host to the same one.</summary>
    public static bool IsOfThisHost(Socket socket) =>
        socket is { LocalEndPoint: IPEndPoint local, RemoteEndPoint: IPEndPoint remote }
        && (local.Address.Equals(remote.Address) || IPAddress.IsLoopback(remote.Address));

    /// <summary>The address that a name stands for.</summary>
    /// <exception cref="PeerLinkException">There is none.</exception>
    public static IPAddress Resolve(string host)
    {
        try
        {
            return IPAddress.TryParse(host, out IPAddress? address) ? address : Dns.GetHostAddresses(host)[0];
        }
        catch (SocketException failure)
        {
            throw new PeerLinkException($"{host} is no name or address of this host (cluster.host): {failure.Message}", failure);
        }
    }
}
