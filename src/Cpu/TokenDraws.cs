using System.Runtime.InteropServices;
using Actors.Tensors;
using Actors.Tensors.Numbers;
using Actors.Tensors.Operations;

namespace Actors.Cpu;

/// <summary>Drawing of tokens: one code for both kinds of stream, since its results must be equal to the bit.</summary>
internal static class TokenDraws
{
    private const int None = -1;

    public static void Draw(Tensor logits, Tensor slots, Tensor draws, Tensor tokens)
    {
        Span<int> drawn = tokens.RowSpan<int>(0);
        for (int row = 0; row < logits.Rows; row++)
        {
            ReadOnlySpan<float> values = logits.RowSpan<float>(row);
            int slot = slots.RowSpan<int>(0)[row];
            drawn[row] = slot < 0 || !FiniteValues.AreAll(values) ? None : MemoryMarshal.Cast<int, TokenDraw>(draws.RowSpan<int>(slot))[0].Next(values);
        }
    }
}
