namespace Actors.Model.Checkpoint;

/// <summary>Element types of safetensors files that this reader and writer know, named as in the files.</summary>
public enum SafetensorsType
{
    /// <summary>IEEE binary64.</summary>
    F64,

    /// <summary>IEEE binary32.</summary>
    F32,

    /// <summary>IEEE binary16.</summary>
    F16,

    /// <summary>The upper half of a binary32.</summary>
    BF16,

    /// <summary>Two's-complement integer of 8 bytes.</summary>
    I64,

    /// <summary>Two's-complement integer of 4 bytes.</summary>
    I32,

    /// <summary>Byte without sign.</summary>
    U8,

    /// <summary>Byte that is 0 or 1.</summary>
    BOOL,

    /// <summary>A type that is not read, such as F8_E4M3: the tensor may be in a file, only reading it is refused.</summary>
    Other,
}
