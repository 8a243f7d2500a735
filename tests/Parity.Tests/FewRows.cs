using Actors.Tensors;
using Actors.Tensors.Formats;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

/// <summary>What devices compute of few rows of bfloat16 in one go, beside float64 on the host, which rounds where they do.</summary>
public sealed class FewRows : IDisposable
{
    /// <summary>
    /// A result of bfloat16 is rounded by 2⁻⁸ at most; rows on the way whose roundings fall to either side, and sums of terms around 1 that nearly cancel, add
    /// as much again.
    /// </summary>
    private const double Tolerance = 8e-3;

    private readonly Random _random = new(7);
    private Workbench? _bench;

    public static TheoryData<string> BackendNames() => [.. Backends.NamesOfBFloat16];

    private Workbench Bench => _bench ?? throw new InvalidOperationException("No backend was opened.");

    private IStream Stream => Bench.Stream;

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void A_product_of_a_norm_is_that_of_one_after_the_other(string backend)
    {
        Open(backend);
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
                        expected[(r * columns) + c] += Rounded(x[(r * depth) + d] * inverse * norm[d]) * weight[(c * depth) + d];
                    }
                }
            }

            Tensor normed = Rows(rows, depth), y = Rows(rows, columns);
            Stream.NormLinear(Rows(rows, depth, x), Floats(1, depth, norm), 1e-6f, normed, default, Weight(1, columns, depth, weight), y);
            Compare(expected, y);
        }
    }

    /// <summary>Of a shared expert and chosen ones, of either alone; inner columns in several pieces and in parts of one.</summary>
    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Feed_forwards_of_chosen_and_shared_experts_are_their_weighted_sum(string backend)
    {
        Open(backend);
        foreach ((int rows, int choices, int depth, int inner, int sharedInner) in ((int, int, int, int, int)[])
            [(1, 0, 64, 24, 24), (1, 8, 1024, 512, 512), (3, 2, 40, 264, 0), (8, 6, 128, 8, 1032), (2, 3, 72, 1200, 16), (1, 0, 48, 8, 2816)])
        {
            int experts = choices + 3;
            double[] x = Draw(rows * depth, 1), weights = Draw(rows * choices, 1, inBFloat16: false), addend = Draw(rows * depth, 1);
            double[] gateUp = Draw(experts * 2 * inner * depth, 1 / Math.Sqrt(depth)), down = Draw(experts * depth * inner, 1 / Math.Sqrt(inner));
            double[] sharedGateUp = Draw(2 * sharedInner * depth, 1 / Math.Sqrt(depth)), sharedDown = Draw(depth * sharedInner, 1 / Math.Sqrt(Math.Max(1, sharedInner)));
            int[] chosen = [.. Enumerable.Range(0, rows).SelectMany(_ => Enumerable.Range(-1, experts + 1).OrderBy(_ => _random.Next()).Take(choices))];
            double[] expected = [.. addend];
            for (int r = 0; r < rows; r++)
            {
                for (int k = 0; k < choices; k++)
                {
                    if (chosen[(r * choices) + k] is int expert and >= 0)
                    {
                        AddTerm(expected.AsSpan(r * depth, depth), x.AsSpan(r * depth, depth), expert, weights[(r * choices) + k], gateUp, down, inner);
                    }
                }

                AddTerm(expected.AsSpan(r * depth, depth), x.AsSpan(r * depth, depth), 0, 1, sharedGateUp, sharedDown, sharedInner);
            }

            Tensor y = Rows(rows, depth);
            bool isTaken = Stream.TryFeedForward(
                Rows(rows, depth, x), choices == 0 ? null : new ChosenExperts(Ints(rows, choices, chosen), Floats(rows, choices, weights), Matrices(experts, inner, depth, gateUp, down)),
                sharedInner == 0 ? null : Matrices(1, sharedInner, depth, sharedGateUp, sharedDown), y, Rows(rows, depth, addend));
            Assert.True(isTaken);
            Compare(expected, y);
        }
    }

    /// <summary>Of the last sizes experts are chosen by a kernel of its own. Weights are normed by sums in another order.</summary>
    [Theory]
    [MemberData(nameof(BackendNames))]
    public void A_gate_chooses_by_its_product_as_one_after_the_other(string backend)
    {
        Open(backend);
        foreach ((int rows, int depth, GateShape shape, int experts) in ((int, int, GateShape, int)[])
            [
                (1, 1024, new GateShape(8, 4, 8, true, 2.5f), 64), (8, 136, new GateShape(8, 4, 8, true, 2.5f), 256), (3, 64, new GateShape(2, 1, 2, false, 1), 6),
                (2, 64, new GateShape(1, 1, 6, true, 1), 72), (1, 64, new GateShape(8, 4, 8, true, 1), 264), (2, 64, new GateShape(7, 2, 6, true, 1), 21),
                (2, 64, new GateShape(40, 8, 8, true, 1), 80),
            ])
        {
            double[] x = Draw(rows * depth, 1), norm = Draw(depth, 1, inBFloat16: false), weight = Draw(experts * depth, 1 / Math.Sqrt(depth));
            Tensor bias = Floats(1, experts, Draw(experts, 0.1, inBFloat16: false)), norms = Floats(1, depth, norm);
            var gate = new GateChoice(Weight(1, experts, depth, weight), bias, shape);

            // The second time over the counters that the first has left.
            double[][] results = [.. new[] { true, true, false }.Select(inOne =>
            {
                Tensor normed = Rows(rows, depth), scores = Floats(rows, experts, new double[rows * experts]);
                Tensor chosen = Ints(rows, shape.ExpertsKept, new int[rows * shape.ExpertsKept]);
                Tensor weights = Floats(rows, shape.ExpertsKept, new double[rows * shape.ExpertsKept]);
                if (inOne)
                {
                    Stream.NormChooseExperts(Rows(rows, depth, x), norms, 1e-6f, normed, default, gate, scores, chosen, weights);
                }
                else
                {
                    Stream.NormLinear(Rows(rows, depth, x), norms, 1e-6f, normed, default, gate.Weight, scores);
                    Stream.ChooseExperts(scores, bias, shape, scores, chosen, weights);
                }

                return (double[])[.. Read(normed), .. Bench.Read(scores), .. Bench.ReadInts(chosen), .. Bench.Read(weights)];
            })];
            for (int i = 0; i < results[2].Length; i++)
            {
                Assert.True(Math.Abs(results[0][i] - results[2][i]) <= 1e-6, $"{experts} experts, {i}: {results[0][i]} and {results[2][i]}");
                Assert.Equal(results[0][i], results[1][i]);
            }
        }
    }

    /// <summary>In one go where a head's columns are even and rows begin at multiples of 16 bytes; each product's sums are the same, and so are the bits.</summary>
    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Projected_queries_are_rotated_beside_the_append_as_after_it(string backend)
    {
        Open(backend);
        foreach ((int rows, int rank, int head, int pairs) in ((int, int, int, int)[])[(1, 384, 96, 16), (8, 1544, 24, 4), (3, 64, 17, 4), (2, 63, 16, 8), (9, 64, 16, 8)])
        {
            const int Heads = 3, Latent = 40;
            double[] x = Draw(rows * rank, 1), latent = Draw(rows * Latent, 1), key = Draw(rows * 2 * pairs, 1);
            Tensor norm = Floats(1, rank, Draw(rank, 1, inBFloat16: false)), cos = Floats(12, pairs, Draw(12 * pairs, 1, inBFloat16: false));
            Tensor sin = Floats(12, pairs, Draw(12 * pairs, 1, inBFloat16: false));
            int[] places = [.. Enumerable.Range(0, rows).Select(row => row == 1 ? -1 : rows - row)];
            var append = new LatentAppend(
                Heads, Floats(1, Latent, Draw(Latent, 1, inBFloat16: false)), 1e-6f, Ints(1, rows, [.. Enumerable.Range(2, rows)]), cos, sin, Ints(1, rows, places));
            Weight up = Weight(1, Heads * head, rank, Draw(Heads * head * rank, 1 / Math.Sqrt(rank)));
            double[][] results = [.. new[] { true, false }.Select(inOne =>
            {
                Tensor query = Rows(rows, Heads * head), k = Rows(rows, 2 * pairs, key), normed = Rows(rows, Latent), normedQuery = Rows(rows, rank);
                Tensor cache = Rows(rows + 1, Latent + (2 * pairs));
                var projection = new QueryProjection(Rows(rows, rank, x), norm, 1e-6f, normedQuery, up);
                if (inOne)
                {
                    Stream.AppendProjected(projection, query, Rows(rows, Latent, latent), k, append, normed, cache);
                }
                else
                {
                    IFusedOperations.AppendProjectedInTurn(Stream, projection, query, Rows(rows, Latent, latent), k, append, normed, cache);
                }

                return (double[])[.. Read(query), .. Read(k), .. Read(normed), .. Read(normedQuery), .. Read(cache)];
            })];
            Assert.Equal(results[1], results[0]);
        }
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Appended_rows_are_rotated_and_normed(string backend)
    {
        Open(backend);
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
    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Attention_over_the_compressed_cache_is_that_over_expanded_keys_and_values(string backend)
    {
        Open(backend);
        const int Heads = 2, Rope = 8, MostRows = 1100;
        foreach ((int nope, int value, int latent, int[] lengths) in ((int, int, int, int[])[])
            [
                (16, 8, 32, [1]), (16, 8, 32, [70, 1100, 3]), (16, 8, 32, [5, 64, 65, 600, 2, 33, 1, 128, 500]), (64, 72, 256, [257]), (9, 5, 264, [1100, 65]),
                (128, 64, 512, [700, 64, 3]),
            ])
        {
            int columns = latent + Rope;
            var shape = new AttentionShape(Heads, nope, Rope, value, 0.3f);
            int rows = lengths.Length;
            double[] q = Draw(rows * Heads * (nope + Rope), 1), cache = Draw(rows * MostRows * columns, 1), up = Draw(Heads * (nope + value) * latent, 0.4);
            int[] firsts = [.. Enumerable.Range(0, rows).Select(row => row * MostRows)];
            var expected = new double[rows * Heads * value];
            for (int r = 0; r < rows; r++)
            {
                for (int h = 0; h < Heads; h++)
                {
                    ReadOnlySpan<double> query = q.AsSpan(((r * Heads) + h) * (nope + Rope), nope + Rope);
                    CacheAttention.Attend(
                        query, cache.AsSpan(firsts[r] * columns, lengths[r] * columns), up.AsSpan(h * (nope + value) * latent, (nope + value) * latent), shape, latent,
                        expected.AsSpan(((r * Heads) + h) * value, value));
                }
            }

            Tensor o = Rows(rows, Heads * value);
            Stream.LatentAttention(
                Rows(rows, Heads * (nope + Rope), q), Weight(1, Heads * (nope + value), latent, up), Rows(rows * MostRows, columns, cache), Ints(1, rows, firsts),
                Ints(1, rows, lengths), shape, o);
            Compare(expected, o);
        }
    }

    public void Dispose() => _bench?.Dispose();

    private static double Rounded(double value) => BFloat16.ToSingle(BFloat16.FromSingle((float)value));

    private void Open(string backend) => _bench = new Workbench(Backends.Create(backend));

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

            double activated = Rounded(up * gate / (1 + Math.Exp(-gate)));
            for (int h = 0; h < depth; h++)
            {
                sum[h] += factor * activated * down[((((long)expert * depth) + h) * inner) + f];
            }
        }
    }

    private double[] Draw(int count, double scale, bool inBFloat16 = true)
    {
        var values = new double[count];
        for (int i = 0; i < count; i++)
        {
            float value = (float)(scale * ((2 * _random.NextDouble()) - 1));
            values[i] = inBFloat16 ? Rounded(value) : value;
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

    private double[] Read(Tensor tensor) => Array.ConvertAll(Bench.ReadBFloats(tensor), static value => (double)value);

    private Tensor Rows(int rows, int columns, double[]? values = null) =>
        Bench.BFloats(rows, columns, Singles(values ?? new double[rows * columns]));

    private Tensor Floats(int rows, int columns, double[] values) => Bench.Floats(rows, columns, Singles(values));

    private Tensor Ints(int rows, int columns, int[] values) => Bench.Ints(rows, columns, values);

    private FeedForwardWeights Matrices(int experts, int inner, int depth, double[] gateUp, double[] down) =>
        new(Weight(experts, 2 * inner, depth, gateUp), Weight(experts, depth, inner, down));

    private Weight Weight(int groups, int outputs, int inputs, double[] values) => Bench.Weight(groups, outputs, inputs, Singles(values));

    private static float[] Singles(double[] values) => Array.ConvertAll(values, static value => (float)value);
}
