using Actors.Runtime.Cluster;
using Actors.Tensors;

namespace Actors.Cli.Runs;

/// <summary>The devices that a command computes on, in use until it ends.</summary>
/// <param name="backends">One at least, by number; freed with this.</param>
/// <param name="makeLink">Makes a link for one user of a device.</param>
/// <param name="reachEachOther">Whether each reads and writes the memory of the others.</param>
internal sealed class OpenDevices(IReadOnlyList<IBackend> backends, Func<IBackend, ITensorLink> makeLink, bool reachEachOther = true) : IDisposable
{
    /// <summary>What ranks compute on.</summary>
    public RunDevices Ranks { get; } = new(backends, makeLink) { ReachEachOther = reachEachOther };

    /// <summary>The first, where one is enough.</summary>
    public IBackend First => Ranks.First;

    /// <summary>Name of the devices for people.</summary>
    public string Name => backends.Count == 1 ? First.Name : $"{backends.Count} x {First.Name}";

    /// <summary>Bytes that each device has left; null: they are the host's.</summary>
    public IReadOnlyList<long>? FreeBytes => First.FreeBytes is null ? null : [.. backends.Select(static backend => backend.FreeBytes!.Value)];

    /// <summary>Bytes of each device that are in use; null: they are the host's.</summary>
    public IReadOnlyList<long>? BytesInUse => First.FreeBytes is null ? null : [.. backends.Select(static backend => Math.Max(0, backend.TotalBytes - backend.FreeBytes!.Value))];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IBackend backend in backends)
        {
            backend.Dispose();
        }
    }
}
