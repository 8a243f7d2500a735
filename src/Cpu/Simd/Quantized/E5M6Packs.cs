using Actors.Tensors.Formats;
using Actors.Tensors.Quantized;

namespace Actors.Cpu.Simd.Quantized;

/// <summary>Packs of eight values of E5M6.</summary>
internal static unsafe class E5M6Packs
{
    /// <summary>Packs values, zeros behind them.</summary>
    /// <param name="values">Values.</param>
    /// <param name="count">1 to 8.</param>
    /// <param name="scale">Their tile's.</param>
    /// <param name="words">Three.</param>
    public static void Pack(float* values, int count, float scale, uint* words)
    {
        uint* codes = stackalloc uint[PackedE5M6.PackValues];
        for (int i = 0; i < PackedE5M6.PackValues; i++)
        {
            codes[i] = i < count ? PackedBits.Code(values[i], scale) : 0u;
        }

        words[0] = codes[0] | (codes[1] << 12) | (codes[2] << 24);
        words[1] = (codes[2] >> 8) | (codes[3] << 4) | (codes[4] << 16) | (codes[5] << 28);
        words[2] = (codes[5] >> 4) | (codes[6] << 8) | (codes[7] << 20);
    }

    /// <summary>The eight values of a pack.</summary>
    public static void Unpack(uint* words, float scale, float* values)
    {
        ulong low = words[0] | ((ulong)words[1] << 32), high = words[1] | ((ulong)words[2] << 32);
        for (int i = 0; i < 5; i++)
        {
            values[i] = E5M6.ToSingle((ushort)(low >> (12 * i))) * scale;
        }

        for (int i = 5; i < PackedE5M6.PackValues; i++)
        {
            values[i] = E5M6.ToSingle((ushort)(high >> ((12 * i) - 32))) * scale;
        }
    }
}
