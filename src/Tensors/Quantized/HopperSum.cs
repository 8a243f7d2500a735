using Actors.Tensors.Formats;

namespace Actors.Tensors.Quantized;

/// <summary>
/// How tensor cores of Hopper sum products of E4M3, as a definition to compare a kernel with. An instruction takes 32 products and the accumulator, aligns all to
/// the largest exponent among them, keeps 13 bits behind the binary point, cuts the rest off (towards zero) and adds exactly; of the sum 13 bits behind the leading
/// one are kept. The exponent of a product is the sum of its factors' exponents: its significand, 1 to below 4, is not normalized. A tile of 128 is four
/// instructions; behind it the sum is float32: the product is fma(tile's sum, product of scales, product), tile after tile, as everywhere. Sources: DeepSeek-V3
/// technical report, section 3.5.2, which says about 14 bits; the alignment is that of the simulator microsoft/MMA-Sim, which was compared with the hardware.
/// </summary>
public static class HopperSum
{
    /// <summary>Products of an instruction.</summary>
    public const int GroupProducts = 32;

    /// <summary>Bits kept below the leading one.</summary>
    public const int FractionBits = 13;

    private const int MantissaBits = 3, Bias = 7, MagnitudeMask = 0x7F;

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
        int exponent = sum == 0 ? int.MinValue : Math.ILogB(sum);
        double plain = sum;
        for (int i = 0; i < left.Length; i++)
        {
            double product = (double)E4M3.ToSingle(left[i]) * E4M3.ToSingle(right[i]);
            terms[i + 1] = product;
            plain += product;
            exponent = product == 0 ? exponent : Math.Max(exponent, ExponentOf(left[i]) + ExponentOf(right[i]));
        }

        if (exponent == int.MinValue || !double.IsFinite(plain))
        {
            return (float)plain;
        }

        // Multiples of one power of two, so float64 adds them without rounding.
        double aligned = 0;
        foreach (double term in terms)
        {
            aligned += Cut(term, exponent);
        }

        return aligned == 0 ? 0 : (float)Cut(aligned, Math.ILogB(aligned));
    }

    /// <summary>Of a finite code; subnormals have that of the smallest normal.</summary>
    private static int ExponentOf(byte code) => Math.Max((code & MagnitudeMask) >> MantissaBits, 1) - Bias;

    /// <summary>Cuts a term off below the 13th bit behind an exponent.</summary>
    private static double Cut(double term, int exponent) =>
        Math.ScaleB(Math.Truncate(Math.ScaleB(term, FractionBits - exponent)), exponent - FractionBits);
}
