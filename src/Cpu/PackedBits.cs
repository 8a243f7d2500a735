using Actors.Tensors.Formats;
using Actors.Tensors.Quantized;

namespace Actors.Cpu;

/// <summary>Single values of rows of <see cref="PackedE5M6"/>.</summary>
internal static class PackedBits
{
    private const int CodeBits = 12, WordBits = 32, CodeMask = 0xFFF;

    /// <summary>The code of a tile that holds a value that is not finite.</summary>
    private const ushort NotANumber = 0x7E0;

    /// <summary>The code of a value.</summary>
    public static ushort Code(float value, float scale) => float.IsNaN(scale) ? NotANumber : E5M6.FromSingleSaturating(value / scale);

    /// <summary>Writes a code into words that are zero there.</summary>
    public static void Put(Span<int> words, int column, ushort code)
    {
        (int word, int shift) = PlaceOf(column);
        words[word] |= code << shift;
        if (shift > WordBits - CodeBits)
        {
            words[word + 1] |= code >> (WordBits - shift);
        }
    }

    /// <summary>Reads a code.</summary>
    public static ushort Get(ReadOnlySpan<int> words, int column)
    {
        (int word, int shift) = PlaceOf(column);
        uint code = (uint)words[word] >> shift;
        if (shift > WordBits - CodeBits)
        {
            code |= (uint)words[word + 1] << (WordBits - shift);
        }

        return (ushort)(code & CodeMask);
    }

    private static (int Word, int Shift) PlaceOf(int column)
    {
        int bit = column % PackedE5M6.PackValues * CodeBits;
        return ((column / PackedE5M6.PackValues * PackedE5M6.PackWords) + (bit / WordBits), bit % WordBits);
    }
}
