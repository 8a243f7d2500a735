using System.Runtime.InteropServices;

namespace Actors.Gpu.Driver;

/// <summary>
/// Matrices of bfloat16, or of bytes, that lie one after the other, as Hopper copies boxes of them to shared memory, the lines of a box shuffled as its tensor cores expect
/// them. Mirrors <c>tensor_map</c> of bulk_copy.cuh.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TensorMap
{
    /// <summary>Bytes at whose multiples the driver writes one.</summary>
    public const int Alignment = 64;

    /// <summary>Elements of bfloat16 of a box's line: 128 bytes, in which packs of 16 bytes are shuffled.</summary>
    public const int BoxColumns = LineBytes / sizeof(ushort);

    private const int LineBytes = 128;

    /// <summary>Of <c>cuda.h</c>: CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, _UINT8, _INTERLEAVE_NONE, _SWIZZLE_128B, _L2_PROMOTION_L2_256B, _FLOAT_OOB_FILL_NONE.</summary>
    private const int BFloat16 = 9, Bytes = 0, NotInterleaved = 0, Swizzle128Bytes = 3, Promote256Bytes = 3, FillZeros = 0;

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
    public static void Encode(TensorMap* map, CudaContext context, nuint data, long stride, int columns, int rows, int matrices, int boxRows) =>
        Encode(map, context, BFloat16, sizeof(ushort), data, stride, columns, rows, matrices, boxRows);

    /// <summary>The same of bytes, whose stride is a multiple of 16; a box's line is 128 of them.</summary>
    public static void EncodeBytes(TensorMap* map, CudaContext context, nuint data, long stride, int columns, int rows, int matrices, int boxRows) =>
        Encode(map, context, Bytes, sizeof(byte), data, stride, columns, rows, matrices, boxRows);

    private static void Encode(
        TensorMap* map, CudaContext context, int type, int elementBytes, nuint data, long stride, int columns, int rows, int matrices, int boxRows)
    {
        ulong* sizes = stackalloc ulong[] { (ulong)columns, (ulong)rows, (ulong)matrices };
        ulong rowBytes = checked((ulong)stride * (ulong)elementBytes);
        ulong* strides = stackalloc ulong[] { rowBytes, checked(rowBytes * (ulong)rows) };
        uint* box = stackalloc uint[] { (uint)(LineBytes / elementBytes), (uint)boxRows, 1 }, steps = stackalloc uint[] { 1, 1, 1 };
        context.Check(CudaDriver.cuTensorMapEncodeTiled(
            map, type, rank: 3, data, sizes, strides, box, steps, NotInterleaved, Swizzle128Bytes, Promote256Bytes, FillZeros));
    }
}
