namespace Actors.Tensors.Tests.Formats;

/// <summary>
/// Rounding by search, in float64: among the values of all codes, the nearest, of two equally near the one with the even
/// code. Knows a format only by its bits, and nothing of how the code under test rounds.
/// </summary>
internal sealed class NearestValue
{
    private readonly double[] _values;
    private readonly uint _maxFinite;

    /// <param name="exponentBits">Bits of the exponent.</param>
    /// <param name="mantissaBits">Bits of the mantissa.</param>
    /// <param name="maxFinite">Code of the largest finite value.</param>
    public NearestValue(int exponentBits, int mantissaBits, uint maxFinite)
    {
        _maxFinite = maxFinite;

        // One value more than there are finite ones: what would follow the largest decides what overflows.
        _values = new double[maxFinite + 2];
        int bias = (1 << (exponentBits - 1)) - 1;
        for (uint code = 0; code < _values.Length; code++)
        {
            int exponent = (int)(code >> mantissaBits);
            double fraction = (code % (1u << mantissaBits)) / Math.Pow(2, mantissaBits);
            _values[code] = exponent == 0
                ? fraction * Math.Pow(2, 1 - bias)
                : (1 + fraction) * Math.Pow(2, exponent - bias);
        }
    }

    /// <summary>Value of a finite code without sign.</summary>
    public double Value(uint code) => _values[code];

    /// <summary>Code of the nearest value to a magnitude, or null where that is too large.</summary>
    public uint? Find(double magnitude)
    {
        if (magnitude >= _values[^1])
        {
            return null;
        }

        int at = Array.BinarySearch(_values, magnitude);
        uint above = (uint)(at >= 0 ? at : ~at);
        uint code = above;
        if (above > 0)
        {
            double toAbove = _values[above] - magnitude;
            double toBelow = magnitude - _values[above - 1];
            bool takeBelow = toBelow < toAbove || (toBelow == toAbove && above % 2 == 1);
            code = takeBelow ? above - 1 : above;
        }

        return code > _maxFinite ? null : code;
    }
}
