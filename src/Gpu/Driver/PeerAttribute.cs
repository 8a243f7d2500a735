namespace Actors.Gpu.Driver;

/// <summary>Facts that the driver knows of a pair of GPUs (CUdevice_P2PAttribute).</summary>
internal enum PeerAttribute
{
    /// <summary>Whether one reads and writes the other's memory.</summary>
    AccessSupported = 2,

    /// <summary>Whether atomic operations reach the other's memory: over NVLink they do, over PCIe they do not.</summary>
    NativeAtomicSupported = 3,
}
