using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Scalar;

/// <summary>Attention of one new row a sequence over the compressed cache.</summary>
internal sealed partial class ScalarStream
{
    /// <inheritdoc/>
    public void LatentAttention(
        Tensor q, Weight keyValueUp, Tensor cache, Tensor firstRows, Tensor lengths, AttentionShape shape, Tensor o)
    {
        ShapeChecks.Host.LatentAttention(q, keyValueUp, cache, firstRows, lengths, shape, o);
        for (int row = 0; row < q.Rows; row++)
        {
            Tensor seen = cache.RowRange(firstRows.RowSpan<int>(0)[row], lengths.RowSpan<int>(0)[row]);
            for (int head = 0; head < shape.Heads; head++)
            {
                Tensor up = keyValueUp.Values.RowRange(head * shape.KeyValueColumns, shape.KeyValueColumns);
                LatentHead(
                    q.RowSpan<float>(row).Slice(head * shape.QueryColumns, shape.QueryColumns), up, seen, shape,
                    o.RowSpan<float>(row).Slice(head * shape.ValueColumns, shape.ValueColumns));
            }
        }
    }

    /// <summary>One head of one row: <paramref name="up"/> expands a latent to the head's key, then its value.</summary>
    private static void LatentHead(ReadOnlySpan<float> query, Tensor up, Tensor seen, AttentionShape shape, Span<float> output)
    {
        int latent = up.Columns;
        var latentQuery = new double[latent];
        for (int i = 0; i < shape.NopeColumns; i++)
        {
            AddScaled(query[i], up.RowSpan<float>(i), latentQuery);
        }

        var scores = new double[seen.Rows];
        for (int j = 0; j < scores.Length; j++)
        {
            ReadOnlySpan<float> cached = seen.RowSpan<float>(j);
            double score = Dot(query[shape.NopeColumns..], cached[latent..]);
            for (int i = 0; i < latent; i++)
            {
                score += latentQuery[i] * cached[i];
            }

            scores[j] = score * shape.Scale;
        }

        Softmax(scores);
        var average = new double[latent];
        for (int j = 0; j < scores.Length; j++)
        {
            AddScaled(scores[j], seen.RowSpan<float>(j)[..latent], average);
        }

        for (int i = 0; i < output.Length; i++)
        {
            ReadOnlySpan<float> valueRow = up.RowSpan<float>(shape.NopeColumns + i);
            double sum = 0;
            for (int c = 0; c < latent; c++)
            {
                sum += valueRow[c] * average[c];
            }

            output[i] = (float)sum;
        }
    }
}
