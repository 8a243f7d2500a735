namespace Actors.Gpu.Driver;

/// <summary>Facts that the driver knows of a GPU (CUdevice_attribute); the numbers are the driver's.</summary>
internal enum DeviceAttribute
{
    /// <summary>Streaming multiprocessors.</summary>
    MultiprocessorCount = 16,

    /// <summary>Bits of the memory's bus.</summary>
    GlobalMemoryBusWidth = 37,

    /// <summary>Rate of the memory, kHz.</summary>
    MemoryClockRate = 36,

    /// <summary>First part of the architecture: 9 of sm_90.</summary>
    ComputeCapabilityMajor = 75,

    /// <summary>Second part of the architecture: 0 of sm_90.</summary>
    ComputeCapabilityMinor = 76,

    /// <summary>Most shared memory that a block can ask for, bytes.</summary>
    MostSharedBytes = 97,
}
