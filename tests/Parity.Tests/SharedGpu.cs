using Actors.Gpu.Backend;
using Actors.Gpu.Devices;
using Actors.Tensors;

namespace Actors.Parity.Tests;

/// <summary>A GPU's streams that leave multiprocessors to each other compute the same bits on those that they keep.</summary>
public sealed class SharedGpu
{
    private const int Tokens = 8192, Columns = 512, Ranks = 2, Choices = 2, ExpertsPerRank = 2, Groups = 4, Outputs = 768;

    /// <summary>Both kinds of streams keep half of the GPU's.</summary>
    private const int Many = 1024;

    [CudaFact]
    public void Rows_between_ranks_have_the_same_bits_on_all_multiprocessors_and_on_some()
    {
        Assert.Equal(Moved(null), Moved(Many));
        Assert.Equal(Moved(null), Moved(1));

        static float[] Moved(int? multiprocessors)
        {
            using var bench = new Workbench(Open(multiprocessors));
            int[] chosen = Ints(Tokens * Choices, Ranks * ExpertsPerRank);
            Tensor experts = bench.Ints(Tokens, Choices, chosen), weights = bench.Floats(Tokens, Choices, Floats(Tokens * Choices, seed: 1));
            Tensor places = bench.Ints(Tokens, Ranks, new int[Tokens * Ranks]), counts = bench.Ints(1, Ranks, new int[Ranks]);
            Tensor x = bench.BFloats(Tokens, Columns, Floats(Tokens * Columns, seed: 2)), y = bench.BFloats(Tokens, Columns, new float[Tokens * Columns]);
            Tensor[] windows = [.. Enumerable.Range(0, Ranks).Select(_ => bench.BFloats(Tokens, Columns, new float[Tokens * Columns]))];
            Tensor[] local = [.. Enumerable.Range(0, Ranks).Select(_ => bench.Ints(Tokens, Choices, new int[Tokens * Choices]))];
            Tensor[] factors = [.. Enumerable.Range(0, Ranks).Select(_ => bench.Zeros(Tokens, Choices))];
            Tensor gradients = bench.Zeros(Tokens, Choices);
            bench.Stream.CountDestinations(experts, ExpertsPerRank, places, counts);
            bench.Stream.PushRows(x, places, windows);
            bench.Stream.PushChoices(experts, weights, ExpertsPerRank, places, local, factors);
            bench.Stream.CollectSums(windows, places, Ranks, y);
            bench.Stream.CollectWeightGradients(factors, experts, ExpertsPerRank, places, gradients);
            return [.. bench.ReadBFloats(y), .. bench.Read(gradients), .. windows.SelectMany(bench.ReadBFloats), .. factors.SelectMany(bench.Read), .. bench.ReadInts(local[0]).Select(one => (float)one)];
        }
    }

    [CudaFact]
    public void Grouped_products_have_the_same_bits_on_all_multiprocessors_and_on_some()
    {
        Assert.Equal(Multiplied(null), Multiplied(Many));

        static float[] Multiplied(int? multiprocessors)
        {
            using var bench = new Workbench(Open(multiprocessors));
            Weight weight = bench.Weight(Groups, Outputs, Columns, Floats(Groups * Outputs * Columns, seed: 3));
            Tensor x = bench.BFloats(Tokens, Columns, Floats(Tokens * Columns, seed: 4)), dy = bench.BFloats(Tokens, Outputs, Floats(Tokens * Outputs, seed: 5));
            Tensor y = bench.BFloats(Tokens, Outputs, new float[Tokens * Outputs]), dx = bench.BFloats(Tokens, Columns, new float[Tokens * Columns]);
            Tensor dWeight = bench.Zeros(Groups * Outputs, Columns), offsets = bench.Ints(1, Groups + 1, 0, 3000, 3000, 5500, Tokens);
            bench.Stream.GroupedLinear(x, offsets, weight, y);
            bench.Stream.GroupedLinearBackwardInput(dy, offsets, weight, dx);
            bench.Stream.GroupedLinearBackwardWeight(dy, x, offsets, dWeight);
            return [.. bench.ReadBFloats(y), .. bench.ReadBFloats(dx), .. bench.Read(dWeight)];
        }
    }

    private static CudaBackend Open(int? multiprocessors) =>
        new(GpuMachine.Read().Devices[0], Precision.BFloat16, exchangeMultiprocessors: multiprocessors);

    private static float[] Floats(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }

    /// <summary>Numbers below <paramref name="end"/>, neighbours different.</summary>
    private static int[] Ints(int count, int end)
    {
        var random = new Random(6);
        var numbers = new int[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = i == 0 ? 0 : (numbers[i - 1] + 1 + random.Next(end - 1)) % end;
        }

        return numbers;
    }
}
