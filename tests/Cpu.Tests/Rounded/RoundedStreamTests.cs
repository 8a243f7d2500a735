using Actors.Cpu.Rounded;
using Actors.Tensors;
using Actors.Tensors.Formats;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Tests.Rounded;

/// <summary>Rows of bfloat16 on the CPU: what the comparison with float32 in Parity.Tests does not show.</summary>
public sealed class RoundedStreamTests : IDisposable
{
    private const ElementType Half = ElementType.BFloat16;

    private readonly CountedBackend _float32 = new();
    private readonly RoundedBackend _backend;
    private readonly IStream _stream;
    private readonly List<IDisposable> _owned = [];
    private readonly Random _random = new(5);

    public RoundedStreamTests()
    {
        _backend = new RoundedBackend(_float32);
        _stream = _backend.CreateStream("test");
    }

    [Fact]
    public void Operations_allocate_nothing_once_their_sizes_have_been_seen()
    {
        Action[] operations = [.. Operations()];
        Run(operations);
        Run(operations);
        int buffers = _float32.Allocations, weights = _float32.Weights;
        long before = GC.GetAllocatedBytesForCurrentThread();

        Run(operations);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal((buffers, weights), (_float32.Allocations, _float32.Weights));
    }

    [Fact]
    public void Halves_are_rounded_to_even_and_what_is_no_number_stays_none()
    {
        // 1 + 2⁻⁸ and 1 + 3 · 2⁻⁸ lie halfway between two numbers of bfloat16.
        Tensor x = Floats(1, 5, 1 + (1f / 256), 1 + (3f / 256), float.NaN, float.NegativeInfinity, 3.4e38f), y = Rows(1, 5);

        _stream.Copy(x, y);

        Assert.Equal([1f, 1 + (4f / 256), float.NaN, float.NegativeInfinity, float.PositiveInfinity], Values(y));
    }

    [Fact]
    public void What_is_added_is_read_before_it_is_rounded_over()
    {
        Weight weight = Weight(1, 1, 1, 1f);
        Tensor x = Rows(1, 1), y = Rows(1, 1);
        _stream.Copy(Floats(1, 1, 1f / 256), x);
        _stream.Copy(Floats(1, 1, 1 + (2f / 256)), y);

        _stream.Linear(x, weight, y, addend: y);

        // 1 + 3 · 2⁻⁸, rounded once, to even.
        Assert.Equal([1 + (4f / 256)], Values(y));
    }

    [Fact]
    public void A_product_reads_the_weights_values_rounded_and_their_masters_keep_theirs()
    {
        const float Value = 1 + (1f / 512);
        Weight weight = Weight(1, 1, 1, Value);
        Tensor x = Rows(1, 1), y = Floats(1, 1, 0);
        _stream.Copy(Floats(1, 1, 1f), x);

        _stream.Linear(x, weight, y);
        float rounded = y.AsSpan<float>()[0];
        _stream.Linear(Floats(1, 1, 1f), weight, y);

        Assert.Equal((1f, Value, Value), (rounded, y.AsSpan<float>()[0], weight.Values.AsSpan<float>()[0]));
    }

    [Fact]
    public void A_weight_has_no_copy_before_a_product_asks_for_one()
    {
        Weight weight = Weight(1, 3, 4);
        Tensor x = Rows(2, 4), y = Rows(2, 3);
        Assert.Equal(0, _float32.Weights);

        _stream.Linear(x, weight, y);
        _stream.LinearBackwardInput(y, weight, x);

        Assert.Equal(1, _float32.Weights);
    }

    [Fact]
    public void Attention_over_a_cache_widens_the_rows_that_it_sees_alone()
    {
        var shape = new AttentionShape(Heads: 1, NopeColumns: 2, RopeColumns: 2, ValueColumns: 3, Scale: 0.5f);
        Weight up = Weight(1, shape.KeyValueColumns, 4);
        Tensor q = Drawn(2, shape.QueryColumns), cache = Drawn(4096, 6), o = Rows(2, 3), few = Rows(2, 3);

        _stream.LatentAttention(q, up, cache, Ints(4000, 7), Ints(3, 2), shape, o);

        // The same rows in a cache of their own, one after the other.
        Tensor seen = Rows(5, 6);
        _stream.Copy(cache.RowRange(4000, 3), seen.RowRange(0, 3));
        _stream.Copy(cache.RowRange(7, 2), seen.RowRange(3, 2));
        _stream.LatentAttention(q, up, seen, Ints(0, 3), Ints(3, 2), shape, few);
        Assert.Equal(Values(few), Values(o));
        Assert.DoesNotContain(0f, Values(o));
    }

    [Fact]
    public void Feed_forwards_in_one_go_are_those_of_few_rows_of_bfloat16()
    {
        Weight gateUp = Weight(2, 10, 4), down = Weight(2, 4, 5);
        Tensor many = Drawn(9, 4), few = Drawn(8, 4), floats = Floats(8, 4, new float[32]), experts = Numbers(8, 1, new int[8]);

        ChosenExperts Chosen(Tensor of) => new(of, Floats(of.Rows, 1, new float[of.Rows]), new FeedForwardWeights(gateUp, down));
        Assert.False(_stream.TryFeedForward(many, Chosen(Numbers(9, 1, new int[9])), shared: null, Rows(9, 4), default));
        Assert.False(_stream.TryFeedForward(floats, Chosen(experts), shared: null, floats, default));
        Assert.False(_stream.TryFeedForward(few, Chosen(experts), shared: null, Rows(8, 4), addend: floats));
        Assert.True(_stream.TryFeedForward(few, Chosen(experts), shared: null, Rows(8, 4), addend: few));
    }

    [Fact]
    public void A_feed_forward_in_one_go_rounds_its_inner_activations_and_its_result_alone()
    {
        const float Factor = 1.3359375f;
        Weight gateUp = Weight(1, 2, 1, 1f, 1f), down = Weight(1, 1, 1, Factor);
        Tensor x = Drawn(8, 1), y = Rows(8, 1);

        Assert.True(_stream.TryFeedForward(x, chosen: null, new FeedForwardWeights(gateUp, down), y, addend: default));

        double[] activated = Array.ConvertAll(Values(x), value => (double)value * value / (1 + Math.Exp(-value)));
        float[] expected = Array.ConvertAll(activated, value => Rounded(Factor * Rounded(value)));
        Assert.NotEqual(Array.ConvertAll(activated, value => Rounded(Factor * value)), expected);
        Assert.Equal(expected, Values(y));
    }

    [Fact]
    public void A_weight_of_another_backend_is_refused()
    {
        using Weight other = _float32.CreateWeight(1, 3, 4);

        ArgumentException refused = Assert.Throws<ArgumentException>(() => _stream.Linear(Rows(2, 4), other, Rows(2, 3)));

        Assert.Contains("of another backend", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_two_types_and_numbers_out_of_range_are_refused()
    {
        string types = Assert.Throws<TensorShapeException>(() => _stream.Add(Rows(1, 2), Floats(1, 2, 1, 2), Rows(1, 2))).Message;
        string numbers = Assert.Throws<TensorShapeException>(() => _stream.Embed(Ints(3), Floats(2, 1, 1, 2), Rows(1, 1))).Message;

        Assert.Equal("Add: rows are BFloat16[1, 2] and Float32[1, 2], expected one element type.", types);
        Assert.Contains("ids[0, 0] is 3", numbers, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _owned.ForEach(owned => owned.Dispose());
        _stream.Dispose();
        _backend.Dispose();
    }

    private static void Run(Action[] operations)
    {
        foreach (Action operation in operations)
        {
            operation();
        }
    }

    private IEnumerable<Action> Operations()
    {
        IStream stream = _stream;
        var shape = new AttentionShape(Heads: 3, NopeColumns: 12, RopeColumns: 6, ValueColumns: 10, Scale: 0.3f);
        Weight one = Weight(1, 30, 40), two = Weight(2, 80, 40), down = Weight(2, 40, 40), up = Weight(1, 3 * shape.KeyValueColumns, 20);
        Tensor x = Drawn(8, 40), y = Drawn(8, 40), z = Drawn(8, 30), wide = Drawn(8, 80), weight = Filled(1, 40), rstd = Filled(1, 8), dw = Filled(30, 40);
        Tensor grouped = Filled(160, 40), offsets = Ints(0, 3, 7), experts = Numbers(8, 2, new int[16]), gates = Filled(8, 2), live = Ints(5);
        Tensor q = Drawn(8, 54), kv = Drawn(8, 66), key = Drawn(8, 6), o = Drawn(8, 30), dq = Drawn(8, 54), dkv = Drawn(8, 66), dKey = Drawn(8, 6), sums = Filled(8, 3), sequences = Ints(0, 5, 8);
        Tensor cache = Drawn(50, 26), first = Ints(0, 9, 0, 0, 0, 0, 0, 0), lengths = Ints(50, 30, 1, 1, 1, 1, 1, 1), cos = Filled(4, 3), positions = Ints(0, 1, 2, 3, 0, 0, 0, 0);
        Tensor ids = Ints(1, 0, 5, 1, 1, 1, 1, 1), table = Filled(6, 40), logits = Filled(8, 30);
        var step = new AdamWStep(1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 3, 1);
        yield return () => stream.Copy(x, y);
        yield return () => stream.Copy(logits, z);
        yield return () => stream.Add(x, y, x, y);
        yield return () => stream.SwiGlu(wide, y, live);
        yield return () => stream.SwiGluBackward(wide, x, rstd, wide, y, rstd);
        yield return () => stream.RmsNormBackward(y, x, weight, rstd, y, weight, x);
        yield return () => stream.NormLinear(x, weight, 1e-6f, y, rstd, one, z);
        yield return () => stream.Linear(x, one, logits);
        yield return () => stream.LinearBackwardInput(logits, one, x, x);
        yield return () => stream.LinearBackwardWeight(logits, x, dw);
        yield return () => stream.GroupedLinear(x, offsets, two, wide);
        yield return () => stream.GroupedLinearBackwardInput(wide, offsets, two, x);
        yield return () => stream.GroupedLinearBackwardWeight(wide, x, offsets, grouped);
        yield return () => stream.TryFeedForward(x, new ChosenExperts(experts, gates, new FeedForwardWeights(two, down)), shared: null, y, x);
        yield return () => stream.Rope(q, 3, positions, cos, cos, inverse: true);
        yield return () => stream.Attention(q, kv, key, sequences, shape, o, sums);
        yield return () => stream.AttentionBackward(o, q, kv, key, o, sums, sequences, shape, dq, dkv, dKey);
        yield return () => stream.LatentAttention(q, up, cache, first, lengths, shape, o);
        yield return () => stream.Embed(ids, table, y);
        yield return () => stream.EmbedBackward(ids, y, table);
        yield return () => stream.CrossEntropy(z, ids, 0.1f, rstd, z);
        yield return () => stream.AdamW(one, dw, dw, dw, step);
        yield return () => stream.Prepare(two);
    }

    private Tensor Make(int rows, int columns, ElementType type)
    {
        DeviceBuffer buffer = _float32.Allocate((long)rows * columns * type.SizeInBytes());
        _owned.Add(buffer);
        return new Tensor(buffer, 0, rows, columns, columns, type);
    }

    private Tensor Rows(int rows, int columns)
    {
        Tensor tensor = Make(rows, columns, Half);
        _stream.Zero(tensor);
        return tensor;
    }

    private Tensor Drawn(int rows, int columns)
    {
        Tensor tensor = Make(rows, columns, Half);
        _stream.Copy(Filled(rows, columns), tensor);
        return tensor;
    }

    private Tensor Filled(int rows, int columns)
    {
        var values = new float[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = 0.5f + _random.NextSingle();
        }

        return Floats(rows, columns, values);
    }

    private Tensor Floats(int rows, int columns, params float[] values)
    {
        Tensor tensor = Make(rows, columns, ElementType.Float32);
        values.CopyTo(tensor.AsSpan<float>());
        return tensor;
    }

    private Tensor Ints(params int[] values) => Numbers(1, values.Length, values);

    private Tensor Numbers(int rows, int columns, int[] values)
    {
        Tensor tensor = Make(rows, columns, ElementType.Int32);
        values.CopyTo(tensor.AsSpan<int>());
        return tensor;
    }

    private Weight Weight(int groups, int outputs, int inputs, params float[] values)
    {
        Weight weight = _backend.CreateWeight(groups, outputs, inputs);
        _owned.Add(weight);
        (values.Length > 0 ? Floats(groups * outputs, inputs, values) : Filled(groups * outputs, inputs)).AsSpan<float>().CopyTo(weight.Values.AsSpan<float>());
        _stream.Prepare(weight);
        return weight;
    }

    private static float Rounded(double value) => BFloat16.ToSingle(BFloat16.FromSingle((float)value));

    private static float[] Values(Tensor rows) => Array.ConvertAll(rows.AsSpan<ushort>().ToArray(), BFloat16.ToSingle);
}
