using Actors.Tensors;
using Actors.Tensors.Formats;
using Actors.Tensors.Operations;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Scalar;

/// <summary>Row permutation and weighted sums of rows, in float32 or bfloat16.</summary>
internal sealed partial class ScalarStream
{
    /// <inheritdoc/>
    public void SortByExpert(Tensor experts, ExpertOrder order)
    {
        ShapeChecks.Host.SortByExpert(experts, order);
        foreach (Tensor none in (Tensor[])[order.Sources, order.Slots, order.RowOfSlot, order.SumRows.Reshape(1, order.SumSlots.Columns), order.SumSlots])
        {
            none.RowSpan<int>(0).Fill(-1);
        }

        var terms = new int[experts.Rows];
        int sorted = 0;
        for (int expert = 0; expert < order.Offsets.Columns; expert++)
        {
            order.Offsets.RowSpan<int>(0)[expert] = sorted;
            for (int slot = 0; slot < experts.Rows * experts.Columns && expert < order.Offsets.Columns - 1; slot++)
            {
                int received = slot / experts.Columns;
                if (experts.RowSpan<int>(received)[slot % experts.Columns] != expert)
                {
                    continue;
                }

                if (sorted == order.Sources.Columns)
                {
                    throw new TensorShapeException($"SortByExpert: sources is {order.Sources}, there are more local choices.");
                }

                (order.Sources.RowSpan<int>(0)[sorted], order.Slots.RowSpan<int>(0)[sorted], order.RowOfSlot.RowSpan<int>(0)[slot]) = (received, slot, sorted);
                int term = terms[received]++;
                order.SumRows.RowSpan<int>(received)[term] = sorted;
                order.SumSlots.RowSpan<int>(0)[(received * experts.Columns) + term] = slot;
                sorted++;
            }
        }
    }

    /// <inheritdoc/>
    public void CountExperts(Tensor experts, Tensor counts)
    {
        ShapeChecks.Host.CountExperts(experts, counts);
        for (int token = 0; token < experts.Rows; token++)
        {
            foreach (int expert in experts.RowSpan<int>(token))
            {
                if (expert >= 0)
                {
                    counts.RowSpan<int>(0)[expert]++;
                }
            }
        }
    }

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
    public void PutRows(Tensor x, Tensor rows, Tensor y)
    {
        ShapeChecks.Host.PutRows(x, rows, y);
        HostRows.Put(x, rows, y);
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
