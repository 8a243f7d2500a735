namespace Actors.Cpu.Simd.Products;

/// <summary>
/// A strip of up to 14 result rows: C (+)= A · B, where B is a sequence of panels, each of one or two vectors' columns.
/// Strides count elements. Everything may be unaligned.
/// </summary>
internal unsafe struct Strip
{
    /// <summary>Left matrix: rows of the strip x depth, laid out as the kernel's <see cref="ILeftLayout"/> says.</summary>
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

    /// <summary>Go on from the sums in C, instead of from zero.</summary>
    public bool Accumulate;

    /// <summary>Added to the finished sums, laid out like C; null for none. May be C.</summary>
    public float* Addend;

    /// <summary>Rows from this strip to the one that follows, whose operands are asked for meanwhile; 0 where none follows.</summary>
    public nint Ahead;

    /// <summary>What is asked for meanwhile, where the kernel does so; null for nothing.</summary>
    public Upcoming* Upcoming;

    /// <summary>From addend row to addend row.</summary>
    public nint AddendStride;
}
