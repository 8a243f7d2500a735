using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Scalar;

/// <summary>Row permutation and weighted sums of rows, in float32 or bfloat16.</summary>
internal sealed partial class ScalarStream
{
    /// <inheritdoc/>
    public void SortByExpert(Tensor experts, ExpertOrder order, Tensor live = default, Tensor needed = default)
    {
        ShapeChecks.Host.SortByExpert(experts, order, live, needed);
        foreach (Tensor none in (Tensor[])[order.Sources, order.Slots, order.RowOfSlot, order.SumRows.Reshape(1, order.SumSlots.Columns), order.SumSlots])
        {
            none.RowSpan<int>(0).Fill(-1);
        }

        var terms = new int[experts.Rows];
        int sorted = 0, leftOut = 0;
        for (int expert = 0; expert < order.Offsets.Columns; expert++)
        {
            order.Offsets.RowSpan<int>(0)[expert] = sorted;
            for (int slot = 0; slot < LiveRows.OnHost(live, experts.Rows) * experts.Columns && expert < order.Offsets.Columns - 1; slot++)
            {
                int received = slot / experts.Columns;
                if (experts.RowSpan<int>(received)[slot % experts.Columns] != expert)
                {
                    continue;
                }

                if (sorted == order.Sources.Columns && !needed.IsAbsent)
                {
                    leftOut++;
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

        if (!needed.IsAbsent)
        {
            ref int most = ref needed.RowSpan<int>(0)[0];
            most = Math.Max(most, sorted + leftOut);
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
    public void GatherRows(Tensor x, Tensor rows, Tensor y, Tensor live = default)
    {
        ShapeChecks.Host.GatherRows(x, rows, y, live);
        for (int row = 0; row < LiveRows.OnHost(live, y.Rows); row++)
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
    public void SumRows(Tensor x, Tensor rows, Tensor weights, Tensor y, Tensor live = default)
    {
        ShapeChecks.Host.SumRows(x, rows, weights, y, live);
        for (int token = 0; token < LiveRows.OnHost(live, y.Rows); token++)
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
                        sum = MathF.FusedMultiplyAdd(weight, x.Element(source, column), sum);
                    }
                }

                y.SetElement(token, column, sum);
            }
        }
    }
}
