using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.Tensors;
using static Actors.LoadTests.Gpu.KernelTimer;

namespace Actors.LoadTests.Gpu;

/// <summary>Cross entropy, and the gradient of an embedding.</summary>
internal sealed class LossTrials(GpuBench bench, KernelTimer timer, int columns, ElementType type)
{
    private const int Tokens = 8192, Vocabulary = 32768, LargeVocabulary = 129280;

    /// <summary>Of the logits every so many rows are checked, the rest would take the host most of the run.</summary>
    private const int CheckedStep = 61;

    public void Run()
    {
        CrossEntropy();
        EmbedBackward(Vocabulary);
        EmbedBackward(LargeVocabulary);
    }

    private void CrossEntropy()
    {
        var kernels = new LossKernels(bench.Library, type);
        const float Scale = 1f / Tokens;
        long bytes = (long)Tokens * Vocabulary * type.SizeInBytes();
        float[] logits = bench.Numbers(Tokens * Vocabulary, type, 16);
        int[] targets = [.. Enumerable.Range(0, Tokens).Select(token => token * 7 % Vocabulary)];
        string name = $"cross entropy {type}";
        timer.Measure(
            name, 2 * bytes,
            () =>
            [
                bench.Upload(logits, type), bench.Upload(targets), bench.Poisoned(Tokens * sizeof(float)),
                bench.Poisoned(bytes),
            ],
            set => kernels.CrossEntropy(
                bench.Queue, View(set[0], Vocabulary), set[1].Address, Scale, set[2].Address, View(set[3], Vocabulary), new RowCount(0, Tokens), Vocabulary),
            set =>
            {
                float[] losses = bench.Download(set[2], ElementType.Float32);
                float[] expected = new float[Vocabulary];
                for (int token = 0; token < Tokens; token += CheckedStep)
                {
                    ReadOnlySpan<float> row = logits.AsSpan(token * Vocabulary, Vocabulary);
                    double sum = 0;
                    foreach (float logit in row)
                    {
                        sum += Math.Exp(logit);
                    }

                    for (int i = 0; i < Vocabulary; i++)
                    {
                        expected[i] = GpuBench.Stored((float)(Scale * ((Math.Exp(row[i]) / sum) - (i == targets[token] ? 1 : 0))), type);
                    }

                    Check($"{name}, loss of token {token}", [(float)(Math.Log(sum) - row[targets[token]])], losses.AsSpan(token, 1), 1, ElementType.Float32);

                    // A small share's exponent is a difference of some 16 nats, rounded: right to a fraction of the mean share.
                    float[] found = bench.Download(set[3], type, (long)token * Vocabulary, Vocabulary);
                    Check($"{name}, token {token}", expected, found, Vocabulary, type, floor: Scale / Vocabulary);
                }
            });
    }

    private void EmbedBackward(int vocabulary)
    {
        var kernels = new EmbedKernels(bench.Library, type);
        float[] dy = bench.Numbers(Tokens * columns, type, 2);

        // Few ids are frequent, as in a text.
        int[] ids = [.. bench.Numbers(Tokens, ElementType.Float32, 2).Select(number => (int)(Math.Pow(Math.Abs(number), 5) * (vocabulary - 1)))];
        var sums = new SortedDictionary<int, double[]>();
        for (int token = 0; token < Tokens; token++)
        {
            if (!sums.TryGetValue(ids[token], out double[]? sum))
            {
                sums.Add(ids[token], sum = new double[columns]);
            }

            for (int i = 0; i < columns; i++)
            {
                sum[i] += dy[(token * columns) + i];
            }
        }

        string name = $"embed backward {type}, {vocabulary} ids";
        long tableBytes = (long)vocabulary * columns * sizeof(float);
        DeviceMemory scratch = bench.Poisoned(EmbedKernels.BackwardBytes(Tokens, columns));
        timer.Measure(
            name, ((long)dy.Length * type.SizeInBytes()) + (2L * sums.Count * columns * sizeof(float)),
            () =>
            [
                bench.Upload(ids), bench.Upload(dy, type), bench.Filled(tableBytes, 0),
            ],
            set => kernels.EmbedBackward(
                bench.Queue, set[0].Address, View(set[1], columns), View(set[2], columns), scratch.Address, new RowCount(0, Tokens), columns),
            set =>
            {
                foreach ((int id, double[] sum) in sums)
                {
                    float[] expected = [.. sum.Select(number => (float)number)], found = bench.Download(set[2], ElementType.Float32, (long)id * columns, columns);
                    Check($"{name}, id {id}", expected, found, columns, ElementType.Float32, floor: Math.Sqrt(Tokens));
                }
            });
    }
}
