using System.Runtime.CompilerServices;

namespace Actors.Tensors.Formats;

/// <summary>Conversion between binary32 and a smaller float with subnormals, given the small one's layout.</summary>
/// <param name="ExponentBits">Bits of the exponent.</param>
/// <param name="MantissaBits">Bits of the mantissa.</param>
/// <param name="MaxFinite">Code of the largest finite value.</param>
/// <param name="Overflow">Code of what is too large when it does not saturate.</param>
/// <param name="NaN">Code of NaN, without sign.</param>
internal readonly record struct SmallFloat(int ExponentBits, int MantissaBits, uint MaxFinite, uint Overflow, uint NaN)
{
    private const int SingleMantissaBits = 23;
    private const int SingleBias = 127;
    private const uint SignMask = 0x8000_0000;

    private int Bias => (1 << (ExponentBits - 1)) - 1;

    /// <summary>Rounds to nearest, ties to even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Encode(float value, bool saturate)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        uint sign = (bits & SignMask) >> (31 - ExponentBits - MantissaBits);
        uint magnitude = bits & ~SignMask;
        if (float.IsNaN(value))
        {
            return sign | NaN;
        }

        uint smallestNormal = (uint)(SingleBias + 1 - Bias) << SingleMantissaBits;
        uint code;
        if (magnitude < smallestNormal)
        {
            // One unit in the last place of this addend is the small format's smallest subnormal: the addition rounds.
            uint addend = (uint)(SingleBias + SingleMantissaBits + 1 - Bias - MantissaBits) << SingleMantissaBits;
            float sum = BitConverter.UInt32BitsToSingle(magnitude) + BitConverter.UInt32BitsToSingle(addend);
            code = BitConverter.SingleToUInt32Bits(sum) - addend;
        }
        else
        {
            int dropped = SingleMantissaBits - MantissaBits;
            uint half = (1u << (dropped - 1)) - 1 + ((magnitude >> dropped) & 1);
            code = ((magnitude + half) >> dropped) - ((uint)(SingleBias - Bias) << MantissaBits);
        }

        if (code > MaxFinite)
        {
            code = saturate ? MaxFinite : Overflow;
        }

        return sign | code;
    }

    /// <summary>The exact value of every code.</summary>
    public float[] DecodeAll()
    {
        var values = new float[1 << (1 + ExponentBits + MantissaBits)];
        uint codes = (uint)values.Length / 2;
        for (uint code = 0; code < codes; code++)
        {
            float value = Decode(code);
            values[code] = value;
            values[code | codes] = -value;
        }

        return values;
    }

    private float Decode(uint code)
    {
        if (code > MaxFinite)
        {
            return code == Overflow && Overflow != NaN ? float.PositiveInfinity : float.NaN;
        }

        uint exponent = code >> MantissaBits;
        uint mantissa = code & ((1u << MantissaBits) - 1);
        return exponent == 0
            ? MathF.ScaleB(mantissa, 1 - Bias - MantissaBits)
            : MathF.ScaleB(mantissa | (1u << MantissaBits), (int)exponent - Bias - MantissaBits);
    }
}
