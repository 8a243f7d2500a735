namespace Actors.Parity.Tests;

/// <summary>How a trial stores the rows that a device may have in bfloat16.</summary>
internal enum RowsAs
{
    /// <summary>In float32, any values.</summary>
    Float32,

    /// <summary>In float32, with the values that bfloat16 has: the widened inputs of the reference for <see cref="BFloat16"/>. Its outputs are not rounded.</summary>
    Rounded,

    /// <summary>In bfloat16.</summary>
    BFloat16,
}
