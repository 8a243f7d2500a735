using Actors.Tensors;

namespace Actors.Cpu;

/// <summary>Flags of ranks whose operations run at once: nobody waits, and nobody writes one.</summary>
internal sealed class HostFlags : ExchangeFlags
{
    private HostFlags(int ranks, int tokens, TimeSpan limit)
        : base(ranks, tokens, limit)
    {
    }

    /// <summary>Makes them.</summary>
    public static HostFlags Of(IReadOnlyList<IBackend> devices, int tokens, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(devices);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokens);
        return new HostFlags(devices.Count, tokens, limit);
    }

    /// <inheritdoc/>
    public override FlagTimeout? Failure => null;

    /// <inheritdoc/>
    public override void Reset(IStream stream, int rank)
    {
    }
}
