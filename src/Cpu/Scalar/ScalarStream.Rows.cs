using Actors.Tensors;
using Actors.Tensors.Formats;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Scalar;

/// <summary>Row permutation and weighted sums of rows, in float32 or bfloat16.</summary>
internal sealed partial class ScalarStream
{
    /// <inheritdoc/>
    public void GatherRows(Tensor x, Tensor rows, Tensor y)
    {
        ShapeChecks.Host.GatherRows(x, rows, y);
        for (int row = 0; row < y.Rows; row++)
        {
            int source = rows.RowSpan<int>(0)[row];
            if (source < 0)
            {
                y.RowBytes(row).Clear();
            }
            else
            {
                x.RowBytes(source).CopyTo(y.RowBytes(row));
            }
        }
    }

    /// <inheritdoc/>
    public void SumRows(Tensor x, Tensor rows, Tensor weights, Tensor y)
    {
        ShapeChecks.Host.SumRows(x, rows, weights, y);
        for (int token = 0; token < y.Rows; token++)
        {
            for (int column = 0; column < y.Columns; column++)
            {
                float sum = 0;
                for (int k = 0; k < rows.Columns; k++)
                {
                    int source = rows.RowSpan<int>(token)[k];
                    if (source >= 0)
                    {
                        float weight = weights.IsAbsent ? 1 : weights.RowSpan<float>(token)[k];
                        sum = MathF.FusedMultiplyAdd(weight, Element(x, source, column), sum);
                    }
                }

                SetElement(y, token, column, sum);
            }
        }
    }

    private static float Element(Tensor x, int row, int column) =>
        x.Type == ElementType.BFloat16 ? BFloat16.ToSingle(x.RowSpan<ushort>(row)[column]) : x.RowSpan<float>(row)[column];

    private static void SetElement(Tensor x, int row, int column, float value)
    {
        if (x.Type == ElementType.BFloat16)
        {
            x.RowSpan<ushort>(row)[column] = BFloat16.FromSingle(value);
        }
        else
        {
            x.RowSpan<float>(row)[column] = value;
        }
    }
}
