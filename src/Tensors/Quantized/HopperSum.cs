using Actors.Tensors.Formats;

namespace Actors.Tensors.Quantized;

/// <summary>
/// How tensor cores of Hopper sum products of E4M3, as a definition to compare a kernel with. An instruction takes 32 products and the accumulator, aligns all to
/// the largest exponent among them, keeps 13 bits below its leading one, cuts the rest off (towards zero) and adds exactly; of the sum too no more than 13 bits
/// below the leading one are kept. A tile of 128 is four instructions; behind it the sum is float32: the product is fma(tile's sum, product of scales, product),
/// tile after tile, as everywhere. Source: DeepSeek-V3 technical report, section 3.5.2, which says about 14 bits.
/// </summary>
public static class HopperSum
{
    /// <summary>Products of an instruction.</summary>
    public const int GroupProducts = 32;

    /// <summary>Bits kept below the leading one.</summary>
    public const int FractionBits = 13;

    /// <summary>The sum over a tile.</summary>
    /// <param name="left">E4M3 codes, 128 at most.</param>
    /// <param name="right">As many.</param>
    public static float OfTile(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(left.Length, TileCuts.TileElements);
        ArgumentOutOfRangeException.ThrowIfNotEqual(right.Length, left.Length);
        float sum = 0;
        for (int first = 0; first < left.Length; first += GroupProducts)
        {
            int count = Math.Min(GroupProducts, left.Length - first);
            sum = Add(sum, left.Slice(first, count), right.Slice(first, count));
        }

        return sum;
    }

    /// <summary>What one instruction makes of an accumulator.</summary>
    /// <param name="sum">The accumulator.</param>
    /// <param name="left">E4M3 codes, 32 at most.</param>
    /// <param name="right">As many.</param>
    public static float Add(float sum, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(left.Length, GroupProducts);
        Span<double> terms = stackalloc double[GroupProducts + 1];
        terms.Clear();
        terms[0] = sum;
        double largest = Math.Abs(sum);
        for (int i = 0; i < left.Length; i++)
        {
            terms[i + 1] = (double)E4M3.ToSingle(left[i]) * E4M3.ToSingle(right[i]);
            largest = Math.Max(largest, Math.Abs(terms[i + 1]));
        }

        if (largest == 0 || !double.IsFinite(largest))
        {
            return (float)largest;
        }

        // Multiples of one power of two, so float64 adds them without rounding.
        int exponent = Math.ILogB(largest);
        double aligned = 0;
        foreach (double term in terms)
        {
            aligned += Cut(term, exponent);
        }

        return aligned == 0 ? 0 : (float)Cut(aligned, Math.ILogB(aligned));
    }

    /// <summary>Cuts a term off below the 13th bit behind an exponent.</summary>
    private static double Cut(double term, int exponent) =>
        Math.ScaleB(Math.Truncate(Math.ScaleB(term, FractionBits - exponent)), exponent - FractionBits);
}
