using System.Runtime.CompilerServices;

namespace Actors.Cpu.Simd.Products;

/// <summary>
/// Strips of equally many result rows, up to 14 each: C (+)= A · B, where B is a sequence of panels of a few vectors' columns. All
/// strips pass by a panel before the next one, which so is read from memory once. Strides count elements. Everything may be unaligned.
/// </summary>
internal unsafe struct Strip
{
    /// <summary>Left matrix: rows of all strips x depth, laid out as the kernel's <see cref="ILeftLayout"/> says.</summary>
    public float* A;

    /// <summary>From row to row (<see cref="ByRow"/>) or from step to step (<see cref="ByStep"/>).</summary>
    public nint AStride;

    /// <summary>First panel.</summary>
    public float* B;

    /// <summary>From one contraction step to the next in a panel.</summary>
    public nint BStep;

    /// <summary>From panel to panel.</summary>
    public nint BPanel;

    /// <summary>Contraction steps.</summary>
    public nint Depth;

    /// <summary>Result rows; panel j fills the columns from j · panel columns on.</summary>
    public float* C;

    /// <summary>From result row to result row.</summary>
    public nint CStride;

    /// <summary>Number of panels.</summary>
    public nint Panels;

    /// <summary>Number of strips, one below the other.</summary>
    public nint Count;

    /// <summary>Go on from the sums in C, instead of from zero.</summary>
    public bool Accumulate;

    /// <summary>Added to the finished sums, laid out like C; null for none. May be C.</summary>
    public float* Addend;

    /// <summary>Whether rows that are computed next lie below the last strip: their operands are asked for meanwhile.</summary>
    public bool More;

    /// <summary>What is asked for meanwhile, where the kernel does so. Null where all operands were just used: then sums aren't asked for either.</summary>
    public Upcoming* Upcoming;

    /// <summary>From addend row to addend row.</summary>
    public nint AddendStride;

    /// <summary>
    /// Asks for the sums of the tile that follows: of the strip below, or after the last one of the next panel's first strip.
    /// </summary>
    /// <param name="c">First sum of the present tile.</param>
    /// <param name="panel">Its panel.</param>
    /// <param name="rest">Strips from the present one on.</param>
    /// <param name="rows">Rows of a tile.</param>
    /// <param name="columns">Its columns.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AskForNextSums(float* c, nint panel, nint rest, int rows, int columns)
    {
        if (Upcoming is not null)
        {
            bool across = rest == 1 && panel + 1 < Panels;
            nint below = rest > 1 || More ? rows : 0;
            CacheLine.Prefetch(across ? C + (panel + 1) * columns : c + below * CStride, CStride, rows, columns);
        }
    }
}
