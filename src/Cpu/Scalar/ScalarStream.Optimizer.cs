using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Scalar;

/// <summary>Gradient norm and AdamW.</summary>
internal sealed partial class ScalarStream
{
    /// <inheritdoc/>
    public void SumOfSquares(Tensor x, Tensor sum)
    {
        ShapeChecks.Host.SumOfSquares(x, sum);
        double total = 0;
        for (int row = 0; row < x.Rows; row++)
        {
            foreach (float value in x.RowSpan<float>(row))
            {
                total += (double)value * value;
            }
        }

        sum.RowSpan<double>(0)[0] = total;
    }

    /// <inheritdoc/>
    public void AdamW(Weight weight, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step)
    {
        ArgumentNullException.ThrowIfNull(weight);
        AdamW(weight.Values, gradient, firstMoment, secondMoment, step);
        Prepare(weight);
    }

    /// <inheritdoc/>
    public void AdamW(Tensor values, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step)
    {
        ShapeChecks.Host.AdamW(values, gradient, firstMoment, secondMoment);
        Span<float> value = values.AsSpan<float>();
        ReadOnlySpan<float> slope = gradient.AsSpan<float>();
        var firsts = new MomentSpan(firstMoment);
        var seconds = new MomentSpan(secondMoment);
        double firstCorrection = 1 - Math.Pow(step.Beta1, step.Step);
        double secondCorrection = 1 - Math.Pow(step.Beta2, step.Step);
        double keep = 1 - (double)step.LearningRate * step.WeightDecay;
        for (int i = 0; i < value.Length; i++)
        {
            double g = (double)slope[i] * step.GradientScale;
            float first = (float)(firsts[i] + (1.0 - step.Beta1) * (g - firsts[i]));
            float second = (float)((double)step.Beta2 * seconds[i] + (1.0 - step.Beta2) * g * g);
            double root = Math.Sqrt(second) / Math.Sqrt(secondCorrection) + step.Epsilon;
            value[i] = (float)(keep * value[i] - step.LearningRate / firstCorrection * first / root);
            firsts[i] = first;
            seconds[i] = second;
        }
    }
}
