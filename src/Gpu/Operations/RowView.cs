using System.Runtime.InteropServices;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>Rows of a tensor as kernels take them: element (r, c) is at r · stride + c. Mirrors <c>rows_of</c> of elements.cuh.</summary>
/// <param name="Data">Address of the first element.</param>
/// <param name="Stride">Elements from one row's start to the next's.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RowView(nuint Data, long Stride)
{
    /// <summary>Where a tensor begins; 0: it is absent, or has no element.</summary>
    public static nuint AddressOf(Tensor tensor) => tensor.Count == 0 ? 0 : (nuint)tensor.Pointer;

    /// <summary>The rows of a tensor; of an absent one none, at address 0.</summary>
    public static RowView Of(Tensor tensor) => tensor.IsAbsent ? default : new RowView((nuint)tensor.Pointer, tensor.RowStride);
}
