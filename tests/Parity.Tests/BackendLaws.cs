using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

/// <summary>What the contract promises beyond numbers near the reference.</summary>
public sealed class BackendLaws
{
    public static TheoryData<string> BackendNames() => GradientChecks.BackendNames();

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void A_row_of_a_product_does_not_depend_on_the_rows_beside_it(string backend)
    {
        using IBackend device = Backends.Create(backend);
        for (int seed = 0; seed < 10; seed++)
        {
            using var trial = new Trial(device, seed);
            Weight weight = trial.Weight(1, trial.Size(), trial.Size());
            Tensor x = trial.ContiguousFloats(trial.Size() + 1, weight.Inputs);
            Tensor whole = trial.ContiguousFloats(x.Rows, weight.Outputs);
            Tensor parts = trial.ContiguousFloats(x.Rows, weight.Outputs);
            Tensor back = trial.ContiguousFloats(x.Rows, weight.Inputs);
            Tensor backParts = trial.ContiguousFloats(x.Rows, weight.Inputs);
            int cut = 1 + trial.Next(x.Rows - 1);
            trial.Stream.Linear(x, weight, whole);
            trial.Stream.Linear(x.RowRange(0, cut), weight, parts.RowRange(0, cut));
            trial.Stream.Linear(x.RowRange(cut, x.Rows - cut), weight, parts.RowRange(cut, x.Rows - cut));
            trial.Stream.LinearBackwardInput(whole, weight, back);
            trial.Stream.LinearBackwardInput(whole.RowRange(0, cut), weight, backParts.RowRange(0, cut));
            trial.Stream.LinearBackwardInput(
                whole.RowRange(cut, x.Rows - cut), weight, backParts.RowRange(cut, x.Rows - cut));
            Assert.Equal(trial.Values(whole), trial.Values(parts));
            Assert.Equal(trial.Values(back), trial.Values(backParts));
        }
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void A_grouped_product_has_the_bits_of_the_products_of_its_groups(string backend)
    {
        using IBackend device = Backends.Create(backend);
        for (int seed = 0; seed < 10; seed++)
        {
            using var trial = new Trial(device, seed);
            int outputs = trial.Size();
            int inputs = trial.Size();
            Weight grouped = trial.Weight(2, outputs, inputs);
            Weight second = trial.Weight(1, outputs, inputs);
            trial.Stream.Copy(grouped.Values.RowRange(outputs, outputs), second.Values);
            trial.Stream.Prepare(second);
            Tensor x = trial.ContiguousFloats(trial.Size() + 1, inputs);
            int cut = trial.Next(x.Rows);
            Tensor y = trial.ContiguousFloats(x.Rows, outputs);
            Tensor alone = trial.ContiguousFloats(x.Rows - cut, outputs);
            trial.Stream.GroupedLinear(x, trial.Ints(1, 3, [0, cut, x.Rows]), grouped, y);
            trial.Stream.Linear(x.RowRange(cut, x.Rows - cut), second, alone);
            Assert.Equal(trial.Values(alone), trial.Values(y.RowRange(cut, x.Rows - cut)));
        }
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void A_sequence_attends_to_itself_whatever_stands_beside_it(string backend)
    {
        var shape = new AttentionShape(Heads: 3, NopeColumns: 16, RopeColumns: 8, ValueColumns: 16, Scale: 0.2f);
        using IBackend device = Backends.Create(backend);
        using var trial = new Trial(device, seed: 3);
        int[] starts = [0, 37, 38, 102];
        int rows = starts[^1];
        Tensor q = trial.ContiguousFloats(rows, shape.Heads * shape.QueryColumns);
        Tensor kv = trial.ContiguousFloats(rows, shape.Heads * shape.KeyValueColumns);
        Tensor kRope = trial.ContiguousFloats(rows, shape.RopeColumns);
        Tensor together = trial.ContiguousFloats(rows, shape.Heads * shape.ValueColumns);
        Tensor alone = trial.ContiguousFloats(rows, shape.Heads * shape.ValueColumns);
        trial.Stream.Attention(q, kv, kRope, trial.Ints(1, 4, starts), shape, together, logSumExp: default);
        for (int i = 0; i + 1 < starts.Length; i++)
        {
            int start = starts[i];
            int count = starts[i + 1] - start;
            trial.Stream.Attention(
                q.RowRange(start, count), kv.RowRange(start, count), kRope.RowRange(start, count), trial.Ints(1, 2, [0, count]),
                shape, alone.RowRange(start, count), logSumExp: default);
        }

        Assert.Equal(trial.Values(together), trial.Values(alone));
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Attention_over_the_compressed_cache_equals_attention_over_expanded_keys_and_values(string backend)
    {
        const int Latent = 12;
        const int Rows = 20;
        var shape = new AttentionShape(Heads: 3, NopeColumns: 6, RopeColumns: 4, ValueColumns: 5, Scale: 0.3f);
        using IBackend device = Backends.Create(backend);
        using var trial = new Trial(device, seed: 7);
        Weight up = trial.Weight(1, shape.Heads * shape.KeyValueColumns, Latent);
        Tensor cache = trial.ContiguousFloats(Rows, Latent + shape.RopeColumns);
        Tensor q = trial.ContiguousFloats(Rows, shape.Heads * shape.QueryColumns, scale: 0.5);
        Tensor kv = trial.ContiguousFloats(Rows, shape.Heads * shape.KeyValueColumns);
        Tensor expanded = trial.ContiguousFloats(Rows, shape.Heads * shape.ValueColumns);
        Tensor absorbed = trial.ContiguousFloats(1, shape.Heads * shape.ValueColumns);
        trial.Stream.Linear(cache.ColumnRange(0, Latent), up, kv);
        trial.Stream.Attention(
            q, kv, cache.ColumnRange(Latent, shape.RopeColumns), trial.Ints(1, 2, [0, Rows]), shape, expanded, logSumExp: default);
        trial.Stream.LatentAttention(
            q.RowRange(Rows - 1, 1), up, cache, trial.Ints(1, 1, [0]), trial.Ints(1, 1, [Rows]), shape, absorbed);

        float[] expected = trial.Values(expanded.RowRange(Rows - 1, 1));
        float[] found = trial.Values(absorbed);
        for (int i = 0; i < expected.Length; i++)
        {
            // Two orders of summation over 12 and 6 terms with scores of a few units: about 20 roundings of 6e-8.
            Assert.Equal(expected[i], found[i], 5e-6f);
        }
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void No_rows_are_no_work(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        Tensor none = bench.Zeros(0, 4);
        Weight weight = bench.Weight(1, 4, 4, new float[16]);
        Tensor dWeight = bench.Zeros(4, 4);
        bench.Stream.Linear(none, weight, none);
        bench.Stream.LinearBackwardInput(none, weight, none);
        bench.Stream.LinearBackwardWeight(none, none, dWeight);
        bench.Stream.GroupedLinear(none, bench.Ints(1, 2, 0, 0), weight, none);
        bench.Stream.RmsNorm(none, bench.Zeros(1, 4), 1e-6f, none, bench.Zeros(1, 0));
        bench.Stream.GatherRows(none, bench.Ints(1, 0), none);
        bench.Stream.SumRows(none, bench.Ints(0, 2), weights: default, none);
        bench.Stream.SwiGlu(none, bench.Zeros(0, 2));
        bench.Stream.ChooseExperts(
            none, bench.Zeros(1, 4), new GateShape(2, 1, 2, true, 1), none, bench.Ints(0, 2), bench.Zeros(0, 2));
        Assert.Equal(new float[16], bench.Read(dWeight));
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Equal_scores_choose_the_lowest_expert_of_the_lowest_group(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        Tensor experts = bench.Ints(1, 3, 9, 9, 9);
        bench.Stream.ChooseExperts(
            bench.Zeros(1, 8), bench.Zeros(1, 8), new GateShape(4, 2, 3, true, 1), bench.Zeros(1, 8), experts, bench.Zeros(1, 3));
        Assert.Equal([0, 1, 2], bench.ReadInts(experts));
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Excluded_experts_are_never_chosen_even_where_all_corrected_scores_are_negative(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        Tensor experts = bench.Ints(1, 2, 9, 9);
        Tensor bias = bench.Floats(1, 4, -5, -9, -6, -7);
        bench.Stream.ChooseExperts(
            bench.Zeros(1, 4), bias, new GateShape(2, 1, 2, true, 1), bench.Zeros(1, 4), experts, bench.Zeros(1, 2));
        Assert.Equal([2, 3], bench.ReadInts(experts));
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Memory_is_aligned_and_comes_back_as_it_was_uploaded(string backend)
    {
        using IBackend device = Backends.Create(backend);
        foreach (int bytes in new[] { 0, 1, 63, 1000 })
        {
            using DeviceBuffer buffer = device.Allocate(bytes);
            Assert.Equal(bytes, buffer.Bytes);
            Assert.Equal(0, buffer.Pointer % 64);
        }

        using var bench = new Workbench(Backends.Create(backend));
        Assert.Equal([1.5f, -2, float.NaN, 0.25f], bench.Read(bench.Floats(2, 2, 1.5f, -2, float.NaN, 0.25f)));
        Tensor x = bench.Zeros(2, 3);
        Assert.Throws<TensorShapeException>(() => bench.Stream.Upload(new byte[23], x));
        Assert.Throws<TensorShapeException>(() => bench.Stream.Download(x, new byte[25]));
        Assert.Throws<TensorShapeException>(() => bench.Stream.Upload(new byte[16], x.ColumnRange(0, 2)));
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void A_new_weight_is_zero(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        using Weight weight = bench.EmptyWeight(2, 3, 5);
        Tensor copy = bench.Floats(6, 5, Enumerable.Repeat(7f, 30).ToArray());
        bench.Stream.Copy(weight.Values, copy);
        Assert.Equal(new float[30], bench.Read(copy));
    }
}
