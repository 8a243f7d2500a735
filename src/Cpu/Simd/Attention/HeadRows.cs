namespace Actors.Cpu.Simd.Attention;

/// <summary>One head's columns of some rows, in whole vectors: where they lie, or a padded copy.</summary>
internal readonly unsafe struct HeadRows
{
    private HeadRows(float* first, nint stride)
    {
        First = first;
        Stride = stride;
    }

    /// <summary>The first row.</summary>
    public float* First { get; }

    /// <summary>From row to row.</summary>
    public nint Stride { get; }

    /// <summary>The rows themselves where they need no padding, else a copy in <paramref name="scratch"/>, zeros behind each row.</summary>
    public static HeadRows Of(float* source, nint stride, int rows, int columns, float* scratch, int pad)
    {
        if (columns == pad)
        {
            return new HeadRows(source, stride);
        }

        HeadPacking.Rows(source, stride, rows, columns, scratch, pad);
        return new HeadRows(scratch, pad);
    }
}
