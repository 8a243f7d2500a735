using Actors.Tensors;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Scalar;

/// <summary>Matrix products; a single one is a grouped one of one group.</summary>
internal sealed partial class ScalarStream
{
    /// <inheritdoc/>
    public void Prepare(Weight weight) => ArgumentNullException.ThrowIfNull(weight);

    /// <inheritdoc/>
    public void Linear(Tensor x, Weight weight, Tensor y, Tensor addend = default)
    {
        ShapeChecks.Host.Linear("Linear", x, weight, y, addend, result: y);
        Multiply(x, weight.Values, y, addend);
    }

    /// <inheritdoc/>
    public void LinearBackwardInput(Tensor dy, Weight weight, Tensor dx, Tensor addend = default)
    {
        ShapeChecks.Host.Linear("LinearBackwardInput", dx, weight, dy, addend, result: dx);
        MultiplyTransposed(dy, weight.Values, dx, addend);
    }

    /// <inheritdoc/>
    public void LinearBackwardWeight(Tensor dy, Tensor x, Tensor dWeight, bool accumulate = true)
    {
        ShapeChecks.Host.LinearBackwardWeight(dy, x, dWeight);
        OuterProducts(dy, x, dWeight, accumulate);
    }

    /// <inheritdoc/>
    public void GroupedLinear(Tensor x, Tensor offsets, Weight weight, Tensor y)
    {
        ShapeChecks.Host.GroupedLinear("GroupedLinear", x, offsets, weight, y);
        for (int group = 0; group < weight.Groups; group++)
        {
            Multiply(
                GroupRows(x, offsets, group), weight.Values.RowRange(group * weight.Outputs, weight.Outputs),
                GroupRows(y, offsets, group), addend: default);
        }
    }

    /// <inheritdoc/>
    public void GroupedLinearBackwardInput(Tensor dy, Tensor offsets, Weight weight, Tensor dx)
    {
        ShapeChecks.Host.GroupedLinear("GroupedLinearBackwardInput", dx, offsets, weight, dy);
        for (int group = 0; group < weight.Groups; group++)
        {
            MultiplyTransposed(
                GroupRows(dy, offsets, group), weight.Values.RowRange(group * weight.Outputs, weight.Outputs),
                GroupRows(dx, offsets, group), addend: default);
        }
    }

    /// <inheritdoc/>
    public void GroupedLinearBackwardWeight(Tensor dy, Tensor x, Tensor offsets, Tensor dWeight, bool accumulate = true)
    {
        ShapeChecks.Host.GroupedLinearBackwardWeight(dy, x, offsets, dWeight);
        for (int group = 0; group < offsets.Columns - 1; group++)
        {
            OuterProducts(
                GroupRows(dy, offsets, group), GroupRows(x, offsets, group),
                dWeight.RowRange(group * dy.Columns, dy.Columns), accumulate);
        }
    }

    private static Tensor GroupRows(Tensor rows, Tensor offsets, int group)
    {
        ReadOnlySpan<int> starts = offsets.RowSpan<int>(0);
        return rows.RowRange(starts[group], starts[group + 1] - starts[group]);
    }

    /// <summary>y = [addend +] x Wᵀ with W (y.Columns, x.Columns).</summary>
    private static void Multiply(Tensor x, Tensor w, Tensor y, Tensor addend)
    {
        for (int row = 0; row < x.Rows; row++)
        {
            ReadOnlySpan<float> input = x.RowSpan<float>(row);
            Span<float> output = y.RowSpan<float>(row);
            for (int o = 0; o < output.Length; o++)
            {
                ReadOnlySpan<float> matrixRow = w.RowSpan<float>(o);
                double sum = 0;
                for (int i = 0; i < input.Length; i++)
                {
                    sum += (double)input[i] * matrixRow[i];
                }

                output[o] = addend.IsAbsent ? (float)sum : addend.RowSpan<float>(row)[o] + (float)sum;
            }
        }
    }

    /// <summary>dx = [addend +] dy W with W (dy.Columns, dx.Columns).</summary>
    private static void MultiplyTransposed(Tensor dy, Tensor w, Tensor dx, Tensor addend)
    {
        var sums = new double[dx.Columns];
        for (int row = 0; row < dy.Rows; row++)
        {
            Array.Clear(sums);
            ReadOnlySpan<float> gradient = dy.RowSpan<float>(row);
            for (int o = 0; o < gradient.Length; o++)
            {
                AddScaled(gradient[o], w.RowSpan<float>(o), sums);
            }

            Span<float> result = dx.RowSpan<float>(row);
            for (int i = 0; i < result.Length; i++)
            {
                result[i] = addend.IsAbsent ? (float)sums[i] : addend.RowSpan<float>(row)[i] + (float)sums[i];
            }
        }
    }

    /// <summary>dW = [dW +] dyᵀ x.</summary>
    private static void OuterProducts(Tensor dy, Tensor x, Tensor dWeight, bool accumulate)
    {
        var sums = new double[x.Columns];
        for (int o = 0; o < dy.Columns; o++)
        {
            Array.Clear(sums);
            for (int row = 0; row < x.Rows; row++)
            {
                AddScaled(dy.RowSpan<float>(row)[o], x.RowSpan<float>(row), sums);
            }

            Span<float> result = dWeight.RowSpan<float>(o);
            for (int i = 0; i < result.Length; i++)
            {
                result[i] = (float)(accumulate ? result[i] + sums[i] : sums[i]);
            }
        }
    }

    private static void AddScaled(double factor, ReadOnlySpan<float> row, Span<double> sums)
    {
        for (int i = 0; i < row.Length; i++)
        {
            sums[i] += factor * row[i];
        }
    }
}
