using System.Collections.Immutable;
using Actors.Tensors;

namespace Actors.Runtime.Cluster;

/// <summary>
/// The devices that the ranks of a process compute on, and the links of their ranks. They are somebody else's, who outlives the run.
/// </summary>
public sealed class RunDevices
{
    private readonly Func<IBackend, ITensorLink> _makeLink;

    /// <summary>Names the devices.</summary>
    /// <param name="backends">One at least, of one kind and precision, by number.</param>
    /// <param name="makeLink">Makes a link for one user, who computes on a device.</param>
    public RunDevices(IEnumerable<IBackend> backends, Func<IBackend, ITensorLink> makeLink)
    {
        ArgumentNullException.ThrowIfNull(backends);
        ArgumentNullException.ThrowIfNull(makeLink);
        (Backends, _makeLink) = ([.. backends], makeLink);
        ArgumentOutOfRangeException.ThrowIfZero(Backends.Length, nameof(backends));
    }

    /// <summary>Names one device.</summary>
    public RunDevices(IBackend backend, Func<ITensorLink> makeLink)
        : this([backend], _ => makeLink())
    {
    }

    /// <summary>The devices.</summary>
    public ImmutableArray<IBackend> Backends { get; }

    /// <summary>The first of them, which is what all are like.</summary>
    public IBackend First => Backends[0];

    /// <summary>Whether operations of each read and write the memory of all. Else what goes from one to another lies in the host's memory.</summary>
    public bool ReachEachOther { get; init; } = true;

    /// <summary>Makes a link for one user.</summary>
    /// <param name="backend">The user's device.</param>
    internal ITensorLink MakeLink(IBackend backend) => _makeLink(backend);
}
