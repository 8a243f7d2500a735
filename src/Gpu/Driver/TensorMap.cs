using System.Runtime.InteropServices;

namespace Actors.Gpu.Driver;

/// <summary>
/// Matrices of bfloat16 that lie one after the other, as Hopper copies boxes of them to shared memory, the lines of a box shuffled as its tensor cores expect
/// them. Mirrors <c>tensor_map</c> of bulk_copy.cuh.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TensorMap
{
    /// <summary>Bytes at whose multiples the driver writes one.</summary>
    public const int Alignment = 64;

    /// <summary>Elements of a box's line: 128 bytes, in which packs of 16 bytes are shuffled.</summary>
    public const int BoxColumns = 64;

    /// <summary>Of <c>cuda.h</c>: CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, _INTERLEAVE_NONE, _SWIZZLE_128B, _L2_PROMOTION_L2_256B, _FLOAT_OOB_FILL_NONE.</summary>
    private const int BFloat16 = 9, NotInterleaved = 0, Swizzle128Bytes = 3, Promote256Bytes = 3, FillZeros = 0;

    private fixed ulong _words[16];

    /// <summary>Writes one.</summary>
    /// <param name="map">Where, at a multiple of <see cref="Alignment"/>.</param>
    /// <param name="context">The GPU.</param>
    /// <param name="data">Address of the first element, a multiple of 16.</param>
    /// <param name="stride">Elements from row to row, a multiple of 8.</param>
    /// <param name="columns">Columns; what is copied beyond them, beyond rows and beyond matrices becomes zero.</param>
    /// <param name="rows">Rows of a matrix.</param>
    /// <param name="matrices">Matrices.</param>
    /// <param name="boxRows">Rows of a box.</param>
    public static void Encode(TensorMap* map, CudaContext context, nuint data, long stride, int columns, int rows, int matrices, int boxRows)
    {
        ulong* sizes = stackalloc ulong[] { (ulong)columns, (ulong)rows, (ulong)matrices };
        ulong rowBytes = checked((ulong)stride * sizeof(ushort));
        ulong* strides = stackalloc ulong[] { rowBytes, checked(rowBytes * (ulong)rows) };
        uint* box = stackalloc uint[] { BoxColumns, (uint)boxRows, 1 }, steps = stackalloc uint[] { 1, 1, 1 };
        context.Check(CudaDriver.cuTensorMapEncodeTiled(
            map, BFloat16, rank: 3, data, sizes, strides, box, steps, NotInterleaved, Swizzle128Bytes, Promote256Bytes, FillZeros));
    }
}
