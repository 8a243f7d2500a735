using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

/// <summary>Attention over the compressed cache in float64 on the host: what devices are compared with.</summary>
internal static class CacheAttention
{
    /// <summary>A head's values, over expanded keys and values.</summary>
    /// <param name="query">(QueryColumns).</param>
    /// <param name="cache">(rows, latent + RopeColumns).</param>
    /// <param name="up">(KeyValueColumns, latent).</param>
    /// <param name="shape">Sizes of heads.</param>
    /// <param name="latent">Columns of a latent.</param>
    /// <param name="output">Output (ValueColumns), zero.</param>
    public static void Attend(ReadOnlySpan<double> query, ReadOnlySpan<double> cache, ReadOnlySpan<double> up, AttentionShape shape, int latent, Span<double> output)
    {
        int columns = latent + shape.RopeColumns;
        double sum = 0;
        for (int row = 0; row < cache.Length / columns; row++)
        {
            ReadOnlySpan<double> cached = cache.Slice(row * columns, columns);
            double score = 0;
            for (int i = 0; i < shape.NopeColumns; i++)
            {
                score += query[i] * Dot(up.Slice(i * latent, latent), cached[..latent]);
            }

            double weight = Math.Exp(shape.Scale * (score + Dot(query[shape.NopeColumns..], cached[latent..])));
            sum += weight;
            for (int v = 0; v < shape.ValueColumns; v++)
            {
                output[v] += weight * Dot(up.Slice((shape.NopeColumns + v) * latent, latent), cached[..latent]);
            }
        }

        foreach (ref double value in output)
        {
            value /= sum;
        }
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
