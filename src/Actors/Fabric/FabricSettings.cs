namespace Actors.Runtime.Fabric;

/// <summary>Sizes of the fabric's fixed buffers.</summary>
/// <param name="Channels">Channels of a rank; each carries a contiguous range of the rank's tokens.</param>
/// <param name="ChunkRows">Rows of one slot: the most that one message announces.</param>
/// <param name="SlotsPerRing">Slots of a ring, which are the sender's credits; 1 or more.</param>
public sealed record FabricSettings(int Channels, int ChunkRows, int SlotsPerRing)
{
    /// <summary>Rows of a window on a device, as a multiple of what a balanced gate sends; 1 or more; null: all that can come.</summary>
    public double? CapacityFactor { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public FabricSettings Validated()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Channels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ChunkRows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(SlotsPerRing);
        if (CapacityFactor is { } factor)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1, nameof(CapacityFactor));
        }

        return this;
    }
}
