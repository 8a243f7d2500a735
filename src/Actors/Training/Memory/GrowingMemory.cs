using System.Numerics;

namespace Actors.Runtime.Training.Memory;

/// <summary>Memory that grows by powers of two and is kept.</summary>
internal static class GrowingMemory
{
    /// <summary>A rank's largest load in the first steps, before the correction biases have evened it, over an even load; with few ranks a quarter of the way to all on one.</summary>
    private const double Imbalance = 1.6;

    /// <summary>Bytes as the pool has them that lends tensors.</summary>
    public static double Pooled(double bytes) => Rounded(Math.Max(256, bytes));

    /// <summary>Bytes as a buffer has them that grows; none where nothing is taken.</summary>
    public static double Rounded(double bytes) =>
        bytes <= 0 ? 0 : bytes > long.MaxValue / 4.0 ? bytes : BitOperations.RoundUpToPowerOf2((ulong)Math.Ceiling(bytes));

    /// <summary>Rows by load: with an even one, and where all go to one rank of a group. The expected ones are counted at twice their size, for the growth.</summary>
    public static double Rows(RoutingLoad load, double even, double most, int ranks) => load switch
    {
        RoutingLoad.Balanced => even,
        RoutingLoad.Expected => Math.Min(most, Math.Min(Imbalance, 1 + ((ranks - 1) / 4.0)) * even),
        _ => most,
    };

    /// <summary>Bytes of all rows in memory that grows, in buffers that take so many of each.</summary>
    /// <param name="load">Where rows are only expected, a little more of them may double a buffer.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="most">Rows that can come at most.</param>
    /// <param name="buffers">Bytes of a row in each buffer.</param>
    public static double Of(RoutingLoad load, double rows, double most, params ReadOnlySpan<double> buffers)
    {
        double bytes = 0;
        foreach (double row in buffers)
        {
            bytes += load == RoutingLoad.Expected ? Math.Min(2 * rows * row, Rounded(most * row)) : Rounded(rows * row);
        }

        return bytes;
    }
}
