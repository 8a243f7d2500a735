using Actors.Tensors.Quantized;

namespace Actors.Cpu;

/// <summary>Codes of transposed matrices.</summary>
internal static class BlockTransposition
{
    /// <summary>Writes them from the matrices' codes, if they are wanted.</summary>
    public static void Run(in QuantizedBlocks blocks)
    {
        for (int row = 0; row < blocks.Codes.Rows && !blocks.Transposed.IsAbsent; row++)
        {
            int first = row / blocks.Outputs * blocks.Inputs, column = row % blocks.Outputs;
            ReadOnlySpan<byte> codes = blocks.Codes.RowSpan<byte>(row);
            for (int input = 0; input < codes.Length; input++)
            {
                blocks.Transposed.RowSpan<byte>(first + input)[column] = codes[input];
            }
        }
    }
}
