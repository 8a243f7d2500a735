using Actors.Tensors;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Scalar;

/// <summary>Rotary position embedding.</summary>
internal sealed partial class ScalarStream
{
    /// <inheritdoc/>
    public void Rope(Tensor x, int heads, Tensor positions, Tensor cos, Tensor sin, bool inverse)
    {
        ShapeChecks.Host.Rope(x, heads, positions, cos, sin);
        int headColumns = x.Columns / heads;
        for (int row = 0; row < x.Rows; row++)
        {
            int position = positions.RowSpan<int>(0)[row];
            ReadOnlySpan<float> cosines = cos.RowSpan<float>(position);
            ReadOnlySpan<float> sines = sin.RowSpan<float>(position);
            for (int head = 0; head < heads; head++)
            {
                int end = (head + 1) * headColumns;
                Rotate(x.RowSpan<float>(row)[(end - 2 * cos.Columns)..end], cosines, sines, inverse);
            }
        }
    }

    private static void Rotate(Span<float> pairs, ReadOnlySpan<float> cosines, ReadOnlySpan<float> sines, bool inverse)
    {
        for (int i = 0; i < cosines.Length; i++)
        {
            double even = pairs[2 * i];
            double odd = pairs[2 * i + 1];
            double cosine = cosines[i];
            double sine = inverse ? -sines[i] : sines[i];
            pairs[2 * i] = (float)(even * cosine - odd * sine);
            pairs[2 * i + 1] = (float)(odd * cosine + even * sine);
        }
    }
}
