namespace Actors.Gpu.Operations;

/// <summary>How rows are stored on a GPU; every kernel computes in float32.</summary>
internal enum ElementFormat
{
    /// <summary>4 bytes, no rounding but float32's.</summary>
    Float32,

    /// <summary>2 bytes, rounded once when stored.</summary>
    BFloat16,
}
