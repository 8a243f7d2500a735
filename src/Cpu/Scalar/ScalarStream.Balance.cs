using Actors.Tensors;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Scalar;

/// <summary>The balance loss of a gate.</summary>
internal sealed partial class ScalarStream
{
    /// <inheritdoc/>
    public void BalanceLoss(Tensor scores, Tensor experts, Tensor sequences, float scale, Tensor losses, Tensor dLogits)
    {
        ShapeChecks.Host.BalanceLoss(scores, experts, sequences, losses, dLogits);
        ReadOnlySpan<int> starts = sequences.RowSpan<int>(0);
        for (int sequence = 0; sequence < losses.Columns; sequence++)
        {
            var counts = new int[scores.Columns];
            int kept = 0;
            for (int token = starts[sequence]; token < starts[sequence + 1]; token++)
            {
                if (experts.RowSpan<int>(token)[0] >= 0)
                {
                    kept++;
                    CountLargest(scores.RowSpan<float>(token), experts.Columns, counts);
                }
            }

            // f_i / T = unit · c_i.
            double unit = kept == 0 ? 0 : (double)scores.Columns / experts.Columns / kept / kept, loss = 0;
            for (int token = starts[sequence]; token < starts[sequence + 1]; token++)
            {
                if (experts.RowSpan<int>(token)[0] >= 0)
                {
                    loss += unit * AddBalanceGradient(scores.RowSpan<float>(token), counts, unit * scale, dLogits.RowSpan<float>(token));
                }
            }

            losses.RowSpan<float>(0)[sequence] = (float)loss;
        }
    }

    private static void CountLargest(ReadOnlySpan<float> scores, int wanted, int[] counts)
    {
        float[] values = scores.ToArray();
        var available = new bool[values.Length];
        Array.Fill(available, true);
        for (int k = 0; k < wanted; k++)
        {
            counts[TakeLargest(values, available)]++;
        }
    }

    /// <summary>Adds factor · (c_i − m) s'_i (1 − s_i), and returns m = Σ c_i s'_i.</summary>
    private static double AddBalanceGradient(ReadOnlySpan<float> scores, int[] counts, double factor, Span<float> dLogits)
    {
        double sum = NormalizationEpsilon, mean = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            sum += scores[i];
            mean += counts[i] * (double)scores[i];
        }

        mean /= sum;
        for (int i = 0; i < scores.Length; i++)
        {
            dLogits[i] += (float)(factor * (counts[i] - mean) * (scores[i] / sum) * (1 - (double)scores[i]));
        }

        return mean;
    }
}
