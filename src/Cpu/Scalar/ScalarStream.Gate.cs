using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Scalar;

/// <summary>The gate: which experts a token goes to, with which weights.</summary>
internal sealed partial class ScalarStream
{
    private const double NormalizationEpsilon = 1e-20;

    /// <inheritdoc/>
    public void ChooseExperts(Tensor logits, Tensor bias, GateShape shape, Tensor scores, Tensor experts, Tensor weights)
    {
        ShapeChecks.Host.ChooseExperts(logits, bias, shape, scores, experts, weights);
        int groupSize = logits.Columns / shape.Groups;
        var corrected = new float[logits.Columns];
        var groupScores = new float[shape.Groups];
        var available = new bool[logits.Columns];
        for (int token = 0; token < logits.Rows; token++)
        {
            Span<float> row = scores.RowSpan<float>(token);
            bool isFinite = true;
            for (int expert = 0; expert < row.Length; expert++)
            {
                isFinite &= float.IsFinite(logits.RowSpan<float>(token)[expert]) && float.IsFinite(bias.RowSpan<float>(0)[expert]);
                row[expert] = (float)Sigmoid(logits.RowSpan<float>(token)[expert]);
                corrected[expert] = row[expert] + bias.RowSpan<float>(0)[expert];
            }

            for (int group = 0; group < shape.Groups; group++)
            {
                groupScores[group] = SumOfTwoLargest(corrected.AsSpan(group * groupSize, groupSize));
            }

            KeepBestGroups(groupScores, shape.GroupsKept, groupSize, available);
            Span<int> chosen = experts.RowSpan<int>(token);
            for (int k = 0; k < chosen.Length; k++)
            {
                chosen[k] = TakeLargest(corrected, available);
            }

            WriteWeights(row, chosen, shape, weights.RowSpan<float>(token));
            if (!isFinite)
            {
                weights.RowSpan<float>(token).Fill(float.NaN);
            }
        }
    }

    /// <inheritdoc/>
    public void ChooseExpertsBackward(Tensor dWeights, Tensor experts, Tensor scores, GateShape shape, Tensor dLogits)
    {
        ShapeChecks.Host.ChooseExpertsBackward(dWeights, experts, scores, shape, dLogits);
        for (int token = 0; token < scores.Rows; token++)
        {
            ReadOnlySpan<float> row = scores.RowSpan<float>(token);
            ReadOnlySpan<int> chosen = experts.RowSpan<int>(token);
            ReadOnlySpan<float> gradient = dWeights.RowSpan<float>(token);
            Span<float> result = dLogits.RowSpan<float>(token);
            result.Clear();
            if (chosen[0] < 0)
            {
                continue;
            }

            double sum = SumOfChosen(row, chosen) + NormalizationEpsilon;
            double mean = 0;
            for (int k = 0; k < chosen.Length; k++)
            {
                mean += gradient[k] * (row[chosen[k]] / sum);
            }

            for (int k = 0; k < chosen.Length; k++)
            {
                double score = row[chosen[k]];
                double dScore = shape.Scaling * (shape.Normalize ? (gradient[k] - mean) / sum : gradient[k]);
                result[chosen[k]] = (float)(dScore * score * (1 - score));
            }
        }
    }

    /// <inheritdoc/>
    public void DropChoices(Tensor kept, Tensor experts, Tensor weights)
    {
        ShapeChecks.Host.DropChoices(kept, experts, weights);
        for (int token = 0; token < experts.Rows; token++)
        {
            if (kept.RowSpan<int>(0)[token] < 0)
            {
                experts.RowSpan<int>(token).Fill(-1);
                weights.RowSpan<float>(token).Clear();
            }
        }
    }

    private static float SumOfTwoLargest(ReadOnlySpan<float> values)
    {
        if (values.Length == 1)
        {
            return values[0];
        }

        float largest = Math.Max(values[0], values[1]);
        float second = Math.Min(values[0], values[1]);
        foreach (float value in values[2..])
        {
            second = Math.Max(second, Math.Min(largest, value));
            largest = Math.Max(largest, value);
        }

        return largest + second;
    }

    private static void KeepBestGroups(float[] groupScores, int kept, int groupSize, bool[] available)
    {
        var unused = new bool[groupScores.Length];
        Array.Fill(unused, true);
        Array.Clear(available);
        for (int k = 0; k < kept; k++)
        {
            available.AsSpan(TakeLargest(groupScores, unused) * groupSize, groupSize).Fill(true);
        }
    }

    /// <summary>Index of the largest available value, the lowest of equals, which is then no longer available.</summary>
    private static int TakeLargest(float[] values, bool[] available)
    {
        int best = -1;
        for (int i = 0; i < values.Length; i++)
        {
            if (available[i] && (best < 0 || values[i] > values[best]))
            {
                best = i;
            }
        }

        available[best] = false;
        return best;
    }

    private static void WriteWeights(ReadOnlySpan<float> scores, ReadOnlySpan<int> chosen, GateShape shape, Span<float> weights)
    {
        double divisor = shape.Normalize ? SumOfChosen(scores, chosen) + NormalizationEpsilon : 1;
        for (int k = 0; k < chosen.Length; k++)
        {
            weights[k] = (float)(scores[chosen[k]] / divisor * shape.Scaling);
        }
    }

    private static double SumOfChosen(ReadOnlySpan<float> scores, ReadOnlySpan<int> chosen)
    {
        double sum = 0;
        foreach (int expert in chosen)
        {
            sum += scores[expert];
        }

        return sum;
    }
}
