namespace Actors.Gpu.Driver;

/// <summary>What a kernel takes (CUfunction_attribute).</summary>
internal enum FunctionAttribute
{
    /// <summary>Bytes of shared memory that its code names.</summary>
    SharedSizeBytes = 1,

    /// <summary>Bytes of local memory a thread: what did not fit into registers.</summary>
    LocalSizeBytes = 3,

    /// <summary>Registers a thread.</summary>
    Registers = 4,

    /// <summary>Most bytes of shared memory that a launch may ask for beside those its code names; above 48 KiB it is set first.</summary>
    MostDynamicSharedBytes = 8,
}
