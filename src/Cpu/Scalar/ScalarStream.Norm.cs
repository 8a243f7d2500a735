using Actors.Tensors;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Scalar;

/// <summary>Root-mean-square normalization.</summary>
internal sealed partial class ScalarStream
{
    /// <inheritdoc/>
    public void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor rstd)
    {
        ShapeChecks.Host.RmsNorm(x, weight, y, rstd);
        ReadOnlySpan<float> factors = weight.RowSpan<float>(0);
        for (int row = 0; row < x.Rows; row++)
        {
            ReadOnlySpan<float> input = x.RowSpan<float>(row);
            double squares = 0;
            foreach (float value in input)
            {
                squares += (double)value * value;
            }

            double square = squares / input.Length + epsilon;
            double inverse = float.IsPositiveInfinity((float)square) ? double.NaN : 1 / Math.Sqrt(square);
            Span<float> output = y.RowSpan<float>(row);
            for (int i = 0; i < output.Length; i++)
            {
                output[i] = (float)(input[i] * inverse * factors[i]);
            }

            if (!rstd.IsAbsent)
            {
                rstd.RowSpan<float>(0)[row] = (float)inverse;
            }
        }
    }

    /// <inheritdoc/>
    public void RmsNormBackward(Tensor dy, Tensor x, Tensor weight, Tensor rstd, Tensor dx, Tensor dWeight, Tensor addend = default)
    {
        ShapeChecks.Host.RmsNormBackward(dy, x, weight, rstd, dx, dWeight, addend);
        AddWeightGradient(dy, x, rstd, dWeight);
        ReadOnlySpan<float> factors = weight.RowSpan<float>(0);
        for (int row = 0; row < x.Rows; row++)
        {
            ReadOnlySpan<float> input = x.RowSpan<float>(row);
            ReadOnlySpan<float> gradient = dy.RowSpan<float>(row);
            double inverse = rstd.RowSpan<float>(0)[row];
            double products = 0;
            for (int i = 0; i < input.Length; i++)
            {
                products += (double)gradient[i] * factors[i] * input[i];
            }

            double mean = products / input.Length;
            Span<float> result = dx.RowSpan<float>(row);
            for (int i = 0; i < result.Length; i++)
            {
                double added = addend.IsAbsent ? 0 : addend.RowSpan<float>(row)[i];
                double change = (double)gradient[i] * factors[i] - input[i] * inverse * inverse * mean;
                result[i] = (float)(added + inverse * change);
            }
        }
    }

    private static void AddWeightGradient(Tensor dy, Tensor x, Tensor rstd, Tensor dWeight)
    {
        Span<float> result = dWeight.RowSpan<float>(0);
        for (int i = 0; i < result.Length; i++)
        {
            double sum = result[i];
            for (int row = 0; row < x.Rows; row++)
            {
                sum += (double)dy.RowSpan<float>(row)[i] * x.RowSpan<float>(row)[i] * rstd.RowSpan<float>(0)[row];
            }

            result[i] = (float)sum;
        }
    }
}
