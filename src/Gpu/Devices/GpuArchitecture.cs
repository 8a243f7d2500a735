namespace Actors.Gpu.Devices;

/// <summary>An architecture of NVIDIA GPUs, its compute capability.</summary>
/// <param name="Major">9 of sm_90.</param>
/// <param name="Minor">0 of sm_90.</param>
public readonly record struct GpuArchitecture(int Major, int Minor) : IComparable<GpuArchitecture>
{
    /// <summary>The oldest that is computed on: the first with bf16 in its tensor cores and with asynchronous copies.</summary>
    public static GpuArchitecture Least { get; } = new(8, 0);

    /// <inheritdoc/>
    public int CompareTo(GpuArchitecture other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    /// <summary>As compilers name it: <c>sm_90</c>.</summary>
    public override string ToString() => $"sm_{Major}{Minor}";
}
