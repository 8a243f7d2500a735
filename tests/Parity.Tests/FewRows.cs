using Actors.Tensors;
using Actors.Tensors.Formats;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

/// <summary>What a GPU computes of few rows of bfloat16 in one go, beside float64 on the host.</summary>
public sealed class FewRows : IDisposable
{
    /// <summary>A result of bfloat16 is rounded by 2⁻⁹; rows rounded on the way, and sums of terms around 1 that nearly cancel, add as much again.</summary>
    private const double Tolerance = 1.5e-2;

    private readonly Lazy<Workbench> _bench = new(() => new Workbench(Backends.Create("cuda")));
    private readonly Random _random = new(7);

    private IStream Stream => _bench.Value.Stream;

    [CudaFact]
    public void A_product_of_a_norm_is_that_of_one_after_the_other()
    {
        foreach ((int rows, int depth, int columns) in ((int, int, int)[])[(1, 8, 1), (1, 384, 1537), (3, 1024, 100), (8, 1032, 40), (2, 7168, 300)])
        {
            double[] x = Draw(rows * depth, 1), norm = Draw(depth, 1, inBFloat16: false), weight = Draw(columns * depth, 1 / Math.Sqrt(depth));
            var expected = new double[rows * columns];
            for (int r = 0; r < rows; r++)
            {
                double inverse = 1 / Math.Sqrt(x.Skip(r * depth).Take(depth).Average(value => value * value) + 1e-6);
                for (int c = 0; c < columns; c++)
                {
                    for (int d = 0; d < depth; d++)
                    {
                        expected[(r * columns) + c] += x[(r * depth) + d] * inverse * norm[d] * weight[(c * depth) + d];
                    }
                }
            }

            Tensor normed = Rows(rows, depth), y = Rows(rows, columns);
            Stream.NormLinear(Rows(rows, depth, x), Floats(1, depth, norm), 1e-6f, normed, default, Weight(1, columns, depth, weight), y);
            Compare(expected, y);
        }
    }

    [CudaFact]
    public void Feed_forwards_of_chosen_experts_are_their_weighted_sum()
    {
        foreach ((int rows, int choices, int depth, int inner) in ((int, int, int, int)[])[(1, 0, 64, 24), (1, 8, 1024, 512), (3, 2, 40, 264), (8, 6, 128, 8)])
        {
            int experts = choices == 0 ? 1 : choices + 3, terms = Math.Max(1, choices);
            double[] x = Draw(rows * depth, 1), weights = Draw(rows * terms, 1, inBFloat16: false), addend = Draw(rows * depth, 1);
            double[] gateUp = Draw(experts * 2 * inner * depth, 1 / Math.Sqrt(depth)), down = Draw(experts * depth * inner, 1 / Math.Sqrt(inner));
            int[] chosen = [.. Enumerable.Range(0, rows).SelectMany(_ => Enumerable.Range(-1, experts + 1).OrderBy(_ => _random.Next()).Take(terms))];
            double[] expected = [.. addend];
            for (int r = 0; r < rows; r++)
            {
                for (int k = 0; k < terms; k++)
                {
                    int expert = choices == 0 ? 0 : chosen[(r * choices) + k];
                    if (expert >= 0)
                    {
                        AddTerm(expected.AsSpan(r * depth, depth), x.AsSpan(r * depth, depth), expert, choices == 0 ? 1 : weights[(r * choices) + k], gateUp, down, inner);
                    }
                }
            }

            Tensor y = Rows(rows, depth);
            bool isTaken = Stream.TryFeedForward(
                Rows(rows, depth, x), choices == 0 ? default : Ints(rows, choices, chosen), choices == 0 ? default : Floats(rows, choices, weights),
                Weight(experts, 2 * inner, depth, gateUp), Weight(experts, depth, inner, down), y, Rows(rows, depth, addend));
            Assert.True(isTaken);
            Compare(expected, y);
        }
    }

    [CudaFact]
    public void Appended_rows_are_rotated_and_normed()
    {
        const int Tokens = 3, Heads = 2, Head = 24, Pairs = 4, Latent = 33, Cached = Latent + (2 * Pairs);
        double[] query = Draw(Tokens * Heads * Head, 1), latent = Draw(Tokens * Latent, 1), key = Draw(Tokens * 2 * Pairs, 1);
        Tensor positions = Ints(1, Tokens, [4, 0, 2]), places = Ints(1, Tokens, [5, -1, 0]);
        Tensor cos = Floats(5, Pairs, Draw(5 * Pairs, 1, inBFloat16: false)), sin = Floats(5, Pairs, Draw(5 * Pairs, 1, inBFloat16: false));
        var append = new LatentAppend(Heads, Floats(1, Latent, Draw(Latent, 1, inBFloat16: false)), 1e-6f, positions, cos, sin, places);
        double[][] results = [.. new[] { true, false }.Select(inOne =>
        {
            Tensor q = Rows(Tokens, Heads * Head, query), k = Rows(Tokens, 2 * Pairs, key), normed = Rows(Tokens, Latent), cache = Rows(6, Cached, new double[6 * Cached]);
            if (inOne)
            {
                Stream.AppendLatents(q, Rows(Tokens, Latent, latent), k, append, normed, cache);
            }
            else
            {
                IFusedOperations.AppendInTurn(Stream, q, Rows(Tokens, Latent, latent), k, append, normed, cache);
            }

            return (double[])[.. Read(q), .. Read(k), .. Read(normed), .. Read(cache)];
        })];
        for (int i = 0; i < results[0].Length; i++)
        {
            Assert.True(Math.Abs(results[0][i] - results[1][i]) <= Tolerance * Math.Max(1, Math.Abs(results[1][i])), $"{i}: {results[0][i]} and {results[1][i]}");
        }
    }

    /// <summary>Few sequences and many are computed by different kernels; the longest has several parts.</summary>
    [CudaFact]
    public void Attention_over_the_compressed_cache_is_that_over_expanded_keys_and_values()
    {
        const int Heads = 2, Nope = 16, Rope = 8, Value = 8, Latent = 32, MostRows = 1100, Columns = Latent + Rope;
        var shape = new AttentionShape(Heads, Nope, Rope, Value, 0.3f);
        foreach (int[] lengths in (int[][])[[1], [70, 1100, 3], [5, 64, 65, 600, 2, 33, 1, 128, 500]])
        {
            int rows = lengths.Length;
            double[] q = Draw(rows * Heads * (Nope + Rope), 1), cache = Draw(rows * MostRows * Columns, 1), up = Draw(Heads * (Nope + Value) * Latent, 0.4);
            int[] firsts = [.. Enumerable.Range(0, rows).Select(row => row * MostRows)];
            var expected = new double[rows * Heads * Value];
            for (int r = 0; r < rows; r++)
            {
                for (int h = 0; h < Heads; h++)
                {
                    ReadOnlySpan<double> query = q.AsSpan(((r * Heads) + h) * (Nope + Rope), Nope + Rope);
                    Attend(query, cache.AsSpan(firsts[r] * Columns, lengths[r] * Columns), up.AsSpan(h * (Nope + Value) * Latent, (Nope + Value) * Latent), shape, Latent,
                        expected.AsSpan(((r * Heads) + h) * Value, Value));
                }
            }

            Tensor o = Rows(rows, Heads * Value);
            Stream.LatentAttention(
                Rows(rows, Heads * (Nope + Rope), q), Weight(1, Heads * (Nope + Value), Latent, up), Rows(rows * MostRows, Columns, cache), Ints(1, rows, firsts),
                Ints(1, rows, lengths), shape, o);
            Compare(expected, o);
        }
    }

    public void Dispose()
    {
        if (_bench.IsValueCreated)
        {
            _bench.Value.Dispose();
        }
    }

    private static void AddTerm(Span<double> sum, ReadOnlySpan<double> x, int expert, double factor, double[] gateUp, double[] down, int inner)
    {
        int depth = x.Length;
        for (int f = 0; f < inner; f++)
        {
            double gate = 0, up = 0;
            for (int d = 0; d < depth; d++)
            {
                gate += x[d] * gateUp[((((long)expert * 2 * inner) + f) * depth) + d];
                up += x[d] * gateUp[((((long)expert * 2 * inner) + inner + f) * depth) + d];
            }

            double activated = up * gate / (1 + Math.Exp(-gate));
            for (int h = 0; h < depth; h++)
            {
                sum[h] += factor * activated * down[((((long)expert * depth) + h) * inner) + f];
            }
        }
    }

    private static void Attend(ReadOnlySpan<double> query, ReadOnlySpan<double> cache, ReadOnlySpan<double> up, AttentionShape shape, int latent, Span<double> output)
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

    private double[] Draw(int count, double scale, bool inBFloat16 = true)
    {
        var values = new double[count];
        for (int i = 0; i < count; i++)
        {
            float value = (float)(scale * ((2 * _random.NextDouble()) - 1));
            values[i] = inBFloat16 ? BFloat16.ToSingle(BFloat16.FromSingle(value)) : value;
        }

        return values;
    }

    private void Compare(double[] expected, Tensor y)
    {
        double[] got = Read(y);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(got[i] - expected[i]) <= Tolerance * Math.Max(1, Math.Abs(expected[i])), $"{y}, element {i}: {got[i]}, expected {expected[i]}");
        }
    }

    private double[] Read(Tensor tensor) => Array.ConvertAll(_bench.Value.ReadBFloats(tensor), static value => (double)value);

    private Tensor Rows(int rows, int columns, double[]? values = null) =>
        _bench.Value.BFloats(rows, columns, Singles(values ?? new double[rows * columns]));

    private Tensor Floats(int rows, int columns, double[] values) => _bench.Value.Floats(rows, columns, Singles(values));

    private Tensor Ints(int rows, int columns, int[] values) => _bench.Value.Ints(rows, columns, values);

    private Weight Weight(int groups, int outputs, int inputs, double[] values) => _bench.Value.Weight(groups, outputs, inputs, Singles(values));

    private static float[] Singles(double[] values) => Array.ConvertAll(values, static value => (float)value);
}
