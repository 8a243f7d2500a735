namespace Actors.Model.Checkpoint;

/// <summary>Element types of safetensors files that this reader and writer know, named as in the files but for the prefix F8_ of small floats.</summary>
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

    /// <summary>F8_E4M3: codes of FP8 with 4 exponent bits, whose scales are in a tensor beside it.</summary>
    E4M3,

    /// <summary>F8_E8M0: an exponent, the power of two 2^(byte - 127); 255 is NaN.</summary>
    E8M0,

    /// <summary>A type that is not read, such as F8_E5M2: the tensor may be in a file, only reading it is refused.</summary>
    Other,
}
