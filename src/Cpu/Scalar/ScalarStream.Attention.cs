using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Scalar;

/// <summary>Causal multi-head latent attention over expanded keys and values, forward and backward.</summary>
internal sealed partial class ScalarStream
{
    /// <inheritdoc/>
    public void Attention(
        Tensor q, Tensor kv, Tensor kRope, Tensor sequences, AttentionShape shape, Tensor o, Tensor logSumExp)
    {
        ShapeChecks.Host.Attention("Attention", q, kv, kRope, sequences, shape, o, logSumExp);
        var inputs = new AttentionInputs(q, kv, kRope, shape);
        ReadOnlySpan<int> starts = sequences.RowSpan<int>(0);
        var scores = new double[q.Rows];
        var average = new double[shape.ValueColumns];
        for (int sequence = 0; sequence + 1 < starts.Length; sequence++)
        {
            for (int row = starts[sequence]; row < starts[sequence + 1]; row++)
            {
                for (int head = 0; head < shape.Heads; head++)
                {
                    Span<double> seen = scores.AsSpan(0, row - starts[sequence] + 1);
                    for (int j = 0; j < seen.Length; j++)
                    {
                        seen[j] = inputs.Score(row, starts[sequence] + j, head);
                    }

                    double logSum = Softmax(seen);
                    Array.Clear(average);
                    for (int j = 0; j < seen.Length; j++)
                    {
                        AddScaled(seen[j], inputs.Value(starts[sequence] + j, head), average);
                    }

                    Round(average, o.RowSpan<float>(row).Slice(head * shape.ValueColumns, shape.ValueColumns));
                    if (!logSumExp.IsAbsent)
                    {
                        logSumExp.RowSpan<float>(row)[head] = (float)logSum;
                    }
                }
            }
        }
    }

    /// <inheritdoc/>
    public void AttentionBackward(
        Tensor dO, Tensor q, Tensor kv, Tensor kRope, Tensor o, Tensor logSumExp, Tensor sequences, AttentionShape shape,
        Tensor dq, Tensor dkv, Tensor dkRope)
    {
        ShapeChecks.Host.AttentionBackward(dO, q, kv, kRope, o, logSumExp, sequences, shape, dq, dkv, dkRope);
        var inputs = new AttentionInputs(q, kv, kRope, shape);
        var sums = new AttentionGradients(q.Rows, shape);
        ReadOnlySpan<int> starts = sequences.RowSpan<int>(0);
        for (int sequence = 0; sequence + 1 < starts.Length; sequence++)
        {
            for (int row = starts[sequence]; row < starts[sequence + 1]; row++)
            {
                for (int head = 0; head < shape.Heads; head++)
                {
                    ReadOnlySpan<float> dOutput = dO.RowSpan<float>(row).Slice(head * shape.ValueColumns, shape.ValueColumns);
                    ReadOnlySpan<float> output = o.RowSpan<float>(row).Slice(head * shape.ValueColumns, shape.ValueColumns);
                    double outputProduct = Dot(dOutput, output);
                    for (int key = starts[sequence]; key <= row; key++)
                    {
                        double probability = Math.Exp(inputs.Score(row, key, head) - logSumExp.RowSpan<float>(row)[head]);
                        double dProbability = Dot(dOutput, inputs.Value(key, head));
                        double dScore = probability * (dProbability - outputProduct) * shape.Scale;
                        sums.Add(inputs, row, key, head, probability, dScore, dOutput);
                    }
                }
            }
        }

        sums.Round(dq, dkv, dkRope);
    }

    /// <summary>Turns scores into probabilities and returns the logarithm of the sum of their exponentials.</summary>
    private static double Softmax(Span<double> scores)
    {
        double largest = double.NegativeInfinity;
        foreach (double score in scores)
        {
            largest = Math.Max(largest, score);
        }

        double sum = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = Math.Exp(scores[i] - largest);
            sum += scores[i];
        }

        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] /= sum;
        }

        return largest + Math.Log(sum);
    }

    private static double Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double sum = 0;
        for (int i = 0; i < left.Length; i++)
        {
            sum += (double)left[i] * right[i];
        }

        return sum;
    }

    private static void Round(ReadOnlySpan<double> sums, Span<float> result)
    {
        for (int i = 0; i < sums.Length; i++)
        {
            result[i] = (float)sums[i];
        }
    }
}
