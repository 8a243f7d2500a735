using Actors.Runtime.Peers;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>Opens the links of a process to the others of a placement.</summary>
public interface ILinkOpener
{
    /// <summary>Opens all of them, or none.</summary>
    /// <param name="order">The placement, and the process's number in it.</param>
    /// <param name="sinks">Takes what each process sends, by number.</param>
    /// <param name="cancellation">Asks to give up.</param>
    /// <returns>The links, by number; null for the process itself.</returns>
    Task<PeerLink?[]> OpenAsync(PrepareShare order, IReadOnlyList<IFrameSink> sinks, CancellationToken cancellation);
}
