namespace Actors.Tensors;

/// <summary>Memory of the host that stays its owner's: what a device that reads the host's memory as it is makes of <see cref="IBackend.ImportHost"/>.</summary>
/// <param name="owned">The owner's, which lives as long as a view of it.</param>
public sealed class BorrowedBuffer(DeviceBuffer owned) : DeviceBuffer(
    (owned ?? throw new ArgumentNullException(nameof(owned))).Pointer, owned.Bytes,
    owned.IsHost ? true : throw new ArgumentException("Only memory of the host can be imported, and this is a device's.", nameof(owned)))
{
    /// <summary>The owner's.</summary>
    public DeviceBuffer Owned { get; } = owned;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
