using System.Runtime.InteropServices;

namespace Actors.Gpu.Operations;

/// <summary>How many rows an operation computes. Mirrors <c>row_count</c> of elements.cuh.</summary>
/// <param name="Live">Address of an int32 in the GPU's memory that says how many rows are there; 0: all of the capacity.</param>
/// <param name="Capacity">Most rows.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RowCount(nuint Live, int Capacity);
