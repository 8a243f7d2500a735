using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.Tensors;
using Actors.Tensors.Operations;
using static Actors.LoadTests.Gpu.KernelTimer;

namespace Actors.LoadTests.Gpu;

/// <summary>Decoding over the compressed cache in bfloat16: one head of some rows is checked in float64, then calls are timed.</summary>
internal sealed class LatentAttentionTrials(GpuBench bench, KernelTimer timer)
{
    private const int Latent = 512, Rope = 64, Nope = 128, Value = 128;

    /// <summary>Relative to a row's norm: bfloat16 rounds what is stored, and on the way the queries, probabilities and averages.</summary>
    private const double Tolerance = 0.02;

    /// <summary>Small and large batches over short and long sequences, with the heads of a small model and of the published one.</summary>
    public void Run()
    {
        Measure(64, 4096, 16);
        Measure(64, 4096, 128);
        Measure(1, 4096, 128);
        Measure(128, 512, 16);
    }

    private void Measure(int batch, int length, int heads)
    {
        const ElementType Type = ElementType.BFloat16;
        var shape = new AttentionShape(heads, Nope, Rope, Value, 1 / MathF.Sqrt(Nope + Rope));
        var kernels = new LatentAttentionKernels(bench.Library, Type);
        float[] q = bench.Numbers(batch * heads * shape.QueryColumns, Type, 2), up = bench.Numbers(heads * shape.KeyValueColumns * Latent, Type, 0.2);
        float[] sequence = bench.Numbers(length * (Latent + Rope), Type, 4);
        DeviceMemory one = bench.Upload(sequence, Type), cache = bench.Poisoned(batch * one.Bytes);
        for (int row = 0; row < batch; row++)
        {
            bench.Queue.Copy(cache.Address + (nuint)(row * one.Bytes), one.Address, one.Bytes);
        }

        int[] first = [.. Enumerable.Range(0, batch).Select(b => b * length)], lengths = [.. Enumerable.Repeat(length, batch)];
        lengths[batch - 1] = length - 5;
        RowView query = View(bench.Upload(q, Type), heads * shape.QueryColumns), rows = View(cache, Latent + Rope);
        RowView weight = View(bench.Upload(up, Type), Latent);
        nuint firstRows = bench.Upload(first).Address;
        nuint rowCounts = bench.Upload(lengths).Address;
        DeviceMemory o = bench.Poisoned((long)batch * heads * Value * Type.SizeInBytes());
        nuint scratch = bench.Poisoned(LatentAttentionKernels.ScratchBytes(batch, heads, Latent)).Address;
        nuint counters = bench.Filled(LatentAttentionKernels.CounterBytes(batch, heads), 0).Address;
        void Attend() => kernels.Attend(bench.Queue, query, weight, rows, batch * length, firstRows, rowCounts, shape, View(o, heads * Value), batch, Latent, scratch, counters);
        Attend();
        string name = $"latent attention, {batch} x {length}, {heads} heads";
        float[] found = bench.Download(o, Type);
        foreach (int row in (int[])[0, batch - 1])
        {
            foreach (int head in (int[])[0, heads - 1])
            {
                Check(
                    $"{name}: row {row}, head {head}", q.AsSpan((row * heads + head) * shape.QueryColumns, shape.QueryColumns),
                    up.AsSpan(head * shape.KeyValueColumns * Latent, shape.KeyValueColumns * Latent), sequence.AsSpan(0, lengths[row] * (Latent + Rope)), shape.Scale,
                    found.AsSpan((row * heads + head) * Value, Value));
            }
        }

        // The cache and the weight once.
        long bytes = ((long)batch * length * (Latent + Rope) * Type.SizeInBytes()) + ((long)heads * shape.KeyValueColumns * Latent * Type.SizeInBytes());
        timer.Report(name, bytes, bench.Time(Attend));
        bench.Clear();
    }

    private static void Check(string what, ReadOnlySpan<float> query, ReadOnlySpan<float> up, ReadOnlySpan<float> cache, float scale, ReadOnlySpan<float> found)
    {
        const int Columns = Latent + Rope;
        double[] latent = new double[Columns], average = new double[Latent];
        for (int i = 0; i < Nope; i++)
        {
            for (int c = 0; c < Latent; c++)
            {
                latent[c] += (double)query[i] * up[i * Latent + c];
            }
        }

        for (int c = 0; c < Rope; c++)
        {
            latent[Latent + c] = query[Nope + c];
        }

        double sum = 0;
        for (int row = 0; row < cache.Length / Columns; row++)
        {
            double score = 0;
            for (int c = 0; c < Columns; c++)
            {
                score += latent[c] * cache[row * Columns + c];
            }

            double probability = Math.Exp(score * scale);
            sum += probability;
            for (int c = 0; c < Latent; c++)
            {
                average[c] += probability * cache[row * Columns + c];
            }
        }

        double difference = 0, norm = 0;
        for (int v = 0; v < Value; v++)
        {
            double expected = 0;
            for (int c = 0; c < Latent; c++)
            {
                expected += up[(Nope + v) * Latent + c] * average[c] / sum;
            }

            difference += (found[v] - expected) * (found[v] - expected);
            norm += expected * expected;
        }

        if (!(Math.Sqrt(difference / norm) <= Tolerance))
        {
            throw new CheckFailedException($"{what} is {Math.Sqrt(difference / norm):g3} away, allowed are {Tolerance:g3}.");
        }
    }
}
