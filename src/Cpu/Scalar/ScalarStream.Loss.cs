using Actors.Tensors;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Scalar;

/// <summary>Embedding and cross entropy.</summary>
internal sealed partial class ScalarStream
{
    /// <inheritdoc/>
    public void Embed(Tensor ids, Tensor table, Tensor y)
    {
        ShapeChecks.Host.Embed("Embed", ids, table, y);
        for (int token = 0; token < y.Rows; token++)
        {
            table.RowSpan<float>(ids.RowSpan<int>(0)[token]).CopyTo(y.RowSpan<float>(token));
        }
    }

    /// <inheritdoc/>
    public void EmbedBackward(Tensor ids, Tensor dy, Tensor dTable)
    {
        ShapeChecks.Host.Embed("EmbedBackward", ids, dTable, dy);
        var sums = new Dictionary<int, double[]>();
        for (int token = 0; token < dy.Rows; token++)
        {
            int id = ids.RowSpan<int>(0)[token];
            if (!sums.TryGetValue(id, out double[]? sum))
            {
                sum = new double[dTable.Columns];
                AddScaled(1, dTable.RowSpan<float>(id), sum);
                sums.Add(id, sum);
            }

            AddScaled(1, dy.RowSpan<float>(token), sum);
        }

        foreach ((int id, double[] sum) in sums)
        {
            Round(sum, dTable.RowSpan<float>(id));
        }
    }

    /// <inheritdoc/>
    public void CrossEntropy(Tensor logits, Tensor targets, float scale, Tensor losses, Tensor dLogits)
    {
        ShapeChecks.Host.CrossEntropy(logits, targets, losses, dLogits);
        var probabilities = new double[logits.Columns];
        for (int token = 0; token < logits.Rows; token++)
        {
            int target = targets.RowSpan<int>(0)[token];
            if (target < 0)
            {
                losses.RowSpan<float>(0)[token] = 0;
                if (!dLogits.IsAbsent)
                {
                    dLogits.RowSpan<float>(token).Clear();
                }

                continue;
            }

            ReadOnlySpan<float> row = logits.RowSpan<float>(token);
            for (int i = 0; i < row.Length; i++)
            {
                probabilities[i] = row[i];
            }

            bool isFinite = Array.TrueForAll(probabilities, double.IsFinite);
            double logSum = Softmax(probabilities);
            losses.RowSpan<float>(0)[token] = isFinite ? (float)(logSum - row[target]) : float.NaN;
            if (!dLogits.IsAbsent)
            {
                probabilities[target] -= 1;
                Span<float> result = dLogits.RowSpan<float>(token);
                for (int i = 0; i < result.Length; i++)
                {
                    result[i] = (float)(scale * probabilities[i]);
                }
            }
        }
    }
}
