namespace Actors.Gpu.Devices;

/// <summary>A GPU as the driver describes it.</summary>
public sealed record GpuDevice
{
    /// <summary>Its number in this process, from 0; CUDA_VISIBLE_DEVICES decides what is seen.</summary>
    public required int Number { get; init; }

    /// <summary>Its name, as NVIDIA sells it.</summary>
    public required string Name { get; init; }

    /// <summary>Its place on the bus, <c>0000:1b:00.0</c>.</summary>
    public required string BusId { get; init; }

    /// <summary>Its architecture.</summary>
    public required GpuArchitecture Architecture { get; init; }

    /// <summary>Streaming multiprocessors.</summary>
    public required int Multiprocessors { get; init; }

    /// <summary>Bytes of its memory.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Rate at which its memory can be read or written at most, bytes a second, from clock and width of the bus; 0 where the driver does not say.</summary>
    public required double MemoryBytesPerSecond { get; init; }

    /// <summary>Why nothing can be computed on it; null: it can.</summary>
    public string? Obstacle => Architecture.CompareTo(GpuArchitecture.Least) < 0
        ? $"its architecture {Architecture} is older than {GpuArchitecture.Least}, the first with bf16 in its tensor cores"
        : null;
}
