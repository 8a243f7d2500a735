using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

/// <summary>Attention over the compressed cache by tensor cores: latents of 512 and rotated keys of 64, beside float64 on the host.</summary>
public sealed class CompressedCache : IDisposable
{
    private const int Latent = 512, Rope = 64, Nope = 16, Value = 40, Columns = Latent + Rope, Room = 3;

    /// <summary>Of a row's norm: what bfloat16 rounds on the way, the queries, probabilities and averages, and what is stored.</summary>
    private const double Tolerance = 0.02;

    private readonly Lazy<Workbench> _bench = new(() => new Workbench(Backends.Create("cuda")));
    private readonly Random _random = new(5);

    /// <summary>Ends of stages, tiles and parts; blocks with fewer heads than they have room for; few rows and several batches of them.</summary>
    [CudaFact]
    public void Attention_over_the_compressed_cache_is_that_of_float64()
    {
        foreach ((int heads, int[] lengths) in ((int, int[])[])
        [
            (16, [1]), (16, [15, 16, 17, 31, 32, 33, 63, 64]), (3, [65, 700, 97]), (20, [513, 128, 5]), (64, [200, 33]), (70, [90]),
            (5, [.. Enumerable.Range(0, 19).Select(i => 1 + (i * 29))]),
        ])
        {
            var batch = Batch.Of(this, heads, lengths);
            float[] found = Attend(batch, [.. Enumerable.Range(0, lengths.Length)]);
            for (int row = 0; row < lengths.Length; row++)
            {
                for (int head = 0; head < heads; head++)
                {
                    double distance = batch.Distance(row, head, found.AsSpan(((row * heads) + head) * Value, Value));
                    Assert.True(distance <= Tolerance, $"{heads} heads, length {lengths[row]}, head {head}: {distance:g3} away");
                }
            }
        }
    }

    [CudaFact]
    public void A_sequence_s_bits_do_not_depend_on_the_sequences_beside_it()
    {
        const int Heads = 16;
        int[] lengths = [.. Enumerable.Range(0, 20).Select(i => 1 + (i * 53))], order = [.. Enumerable.Range(3, 11)];
        _random.Shuffle(order);
        var batch = Batch.Of(this, Heads, lengths);
        float[] all = Attend(batch, [.. Enumerable.Range(0, lengths.Length)]), some = Attend(batch, order);
        for (int i = 0; i < order.Length; i++)
        {
            Assert.Equal(all.AsSpan(order[i] * Heads * Value, Heads * Value).ToArray(), some.AsSpan(i * Heads * Value, Heads * Value).ToArray());
        }
    }

    public void Dispose()
    {
        if (_bench.IsValueCreated)
        {
            _bench.Value.Dispose();
        }
    }

    /// <summary>The values of some rows of a batch, (rows, heads, value).</summary>
    private float[] Attend(Batch batch, int[] rows)
    {
        Workbench bench = _bench.Value;
        int query = batch.Shape.Heads * batch.Shape.QueryColumns, value = batch.Shape.Heads * Value;
        Tensor o = bench.BFloats(rows.Length, value, new float[rows.Length * value]);
        float[] q = [.. rows.SelectMany(row => batch.Query[(row * query)..((row + 1) * query)])];
        bench.Stream.LatentAttention(
            bench.BFloats(rows.Length, query, q), bench.Weight(1, batch.Shape.Heads * batch.Shape.KeyValueColumns, Latent, batch.Up),
            bench.BFloats(batch.Cache.Length / Columns, Columns, batch.Cache), bench.Ints(1, rows.Length, [.. rows.Select(row => batch.First[row])]),
            bench.Ints(1, rows.Length, [.. rows.Select(row => batch.Lengths[row])]), batch.Shape, o);
        return bench.ReadBFloats(o);
    }

    private float[] Draw(int count, float scale)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            // Eighths of a power of two: bfloat16 has them.
            values[i] = scale * (_random.Next(17) - 8) / 8;
        }

        return values;
    }

    /// <summary>Sequences one after the other in a cache, with rows between them that belong to none and hold what is no number.</summary>
    private sealed record Batch(AttentionShape Shape, int[] Lengths, int[] First, float[] Query, float[] Up, float[] Cache)
    {
        public static Batch Of(CompressedCache test, int heads, int[] lengths)
        {
            var shape = new AttentionShape(heads, Nope, Rope, Value, 0.0625f);
            int[] first = new int[lengths.Length];
            int end = Room;
            for (int i = 0; i < lengths.Length; i++)
            {
                first[i] = end;
                end += lengths[i] + Room;
            }

            float[] cache = new float[end * Columns];
            Array.Fill(cache, float.NaN);
            for (int i = 0; i < lengths.Length; i++)
            {
                test.Draw(lengths[i] * Columns, 2).CopyTo(cache, first[i] * Columns);
            }

            return new Batch(
                shape, lengths, first, test.Draw(lengths.Length * heads * shape.QueryColumns, 1), test.Draw(heads * shape.KeyValueColumns * Latent, 0.25f), cache);
        }

        /// <summary>Between values and those of float64, relative to their norm.</summary>
        public double Distance(int row, int head, ReadOnlySpan<float> found)
        {
            double[] query = Doubles(Query.AsSpan(((row * Shape.Heads) + head) * Shape.QueryColumns, Shape.QueryColumns));
            double[] up = Doubles(Up.AsSpan(head * Shape.KeyValueColumns * Latent, Shape.KeyValueColumns * Latent));
            double[] cached = Doubles(Cache.AsSpan(First[row] * Columns, Lengths[row] * Columns)), expected = new double[Value];
            CacheAttention.Attend(query, cached, up, Shape, Latent, expected);
            double difference = 0, norm = 0;
            for (int v = 0; v < Value; v++)
            {
                difference += (found[v] - expected[v]) * (found[v] - expected[v]);
                norm += expected[v] * expected[v];
            }

            return Math.Sqrt(difference / norm);
        }

        private static double[] Doubles(ReadOnlySpan<float> values) => Array.ConvertAll(values.ToArray(), static value => (double)value);
    }
}
