namespace Actors.Gpu.Devices;

/// <summary>How two GPUs of a machine are linked.</summary>
public enum GpuLink
{
    /// <summary>Neither reads the other's memory: rows pass through the host's.</summary>
    ThroughHost,

    /// <summary>One reads and writes the other's memory over PCI Express.</summary>
    PciExpress,

    /// <summary>One reads and writes the other's memory over NVLink: atomic operations reach it too.</summary>
    NvLink,
}
