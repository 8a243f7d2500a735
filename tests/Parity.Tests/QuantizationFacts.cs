using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Parity.Tests;

/// <summary>What quantization promises, by hand, on every backend.</summary>
public sealed class QuantizationFacts
{
    private const byte CodeOfNaN = 0x7F, Untouched = 0x5A;

    public static TheoryData<string> BackendNames() => GradientChecks.BackendNames();

    public static TheoryData<string, float> NotFinite()
    {
        var data = new TheoryData<string, float>();
        foreach (string backend in Backends.Names)
        {
            data.Add(backend, float.NaN);
            data.Add(backend, float.PositiveInfinity);
            data.Add(backend, float.NegativeInfinity);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Values_take_the_nearest_code_of_their_tile_s_scale(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        float[] values = new float[133];
        ((float[])[448, 1, 0.5f, 300, -1e-6f]).CopyTo(values, 0);
        ((float[])[1e-6f, 0, -1e-6f]).CopyTo(values, 128);
        QuantizedRows y = bench.QuantizedRows(1, new TileCuts(133));
        bench.Stream.QuantizeRows(bench.Floats(1, 133, values), y, ScaleKind.Float32);

        Assert.Equal([1, 1e-4f / 448], bench.Read(y.Scales));
        byte[] codes = bench.ReadCodes(y.Codes);
        Assert.Equal([0x7E, 0x38, 0x30, 0x79, 0x80, 0], codes[..6]);

        // 1e-6 / (1e-4 / 448) = 4.48, whose nearest code is 4.5.
        Assert.Equal([0x49, 0, 0xC9, 0, 0], codes[128..]);
    }

    [Theory]
    [MemberData(nameof(NotFinite))]
    public void A_value_that_is_not_finite_makes_its_tile_NaN_and_nothing_else(string backend, float value)
    {
        using var bench = new Workbench(Backends.Create(backend));
        var values = new float[2 * 130];
        Array.Fill(values, 1);
        values[3] = value;
        QuantizedRows x = bench.QuantizedRows(2, new TileCuts(130));
        QuantizedBlocks w = bench.QuantizedBlocks(new TileCuts(2), 130);
        Tensor y = bench.Zeros(2, 2), back = bench.Zeros(2, 130);
        bench.Stream.QuantizeRows(bench.Floats(2, 130, values), x, ScaleKind.Float32);
        bench.Stream.QuantizeBlocks(bench.Floats(2, 130, values[130..].Concat(values[130..]).ToArray()), w, ScaleKind.Float32);
        bench.Stream.DequantizeRows(x, back);
        bench.Stream.QuantizedLinear(x, w, y);

        byte[] codes = bench.ReadCodes(x.Codes);
        Assert.All(codes[..128], code => Assert.Equal(CodeOfNaN, code));
        Assert.All(codes[128..], code => Assert.Equal(0x7E, code));
        Assert.Equal([true, false, false, false], bench.Read(x.Scales).Select(float.IsNaN));
        Assert.All(bench.Read(back)[..128], number => Assert.True(float.IsNaN(number)));
        Assert.Equal([true, true, false, false], bench.Read(y).Select(float.IsNaN));
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void A_tile_of_tokens_has_rows_of_one_group(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));

        // Groups of 5, 0 and 130 rows, which share 128 rows if counted from the first row of all, and 5 rows of no group.
        int[] offsets = [0, 5, 5, 135];
        float[] values = [.. Enumerable.Range(0, 140).Select(row => row < 5 ? 1000f : row < 135 ? 0.5f : 9e9f)];
        QuantizedTokens y = bench.QuantizedTokens(140, 3, 1, Untouched);
        bench.Stream.QuantizeTokens(bench.Floats(140, 1, values), y, ScaleKind.Float32, bench.Ints(1, 4, offsets));

        byte[] codes = bench.ReadCodes(y.Codes);
        Assert.Equal([1000f / 448, 0, 0.5f / 448, 0.5f / 448], bench.Read(y.Scales));
        Assert.Equal(0, QuantizedTokens.PlaceOf(0, 0));
        Assert.Equal(2, QuantizedTokens.PlaceOf(2, 5));
        Assert.All(codes[..5], code => Assert.Equal(0x7E, code));
        Assert.All(codes[5..128], code => Assert.Equal(0, code));
        Assert.All(codes[128..256], code => Assert.Equal(Untouched, code));
        Assert.All(codes[256..386], code => Assert.Equal(0x7E, code));
        Assert.All(codes[386..], code => Assert.Equal(0, code));
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Blocks_of_a_pair_of_tensors_are_those_of_each(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        float[] first = Random(1, 150 * 40), second = Random(2, 90 * 40);
        QuantizedBlocks pair = bench.QuantizedBlocks(new TileCuts(240, 150), 40);
        QuantizedBlocks one = bench.QuantizedBlocks(new TileCuts(150), 40), other = bench.QuantizedBlocks(new TileCuts(90), 40);
        bench.Stream.QuantizeBlocks(bench.Floats(240, 40, [.. first, .. second]), pair, ScaleKind.Float32);
        bench.Stream.QuantizeBlocks(bench.Floats(150, 40, first), one, ScaleKind.Float32);
        bench.Stream.QuantizeBlocks(bench.Floats(90, 40, second), other, ScaleKind.Float32);

        Assert.Equal([.. bench.ReadCodes(one.Codes), .. bench.ReadCodes(other.Codes)], bench.ReadCodes(pair.Codes));
        Assert.Equal([.. bench.Read(one.Scales), .. bench.Read(other.Scales)], bench.Read(pair.Scales));
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Packed_values_come_back_within_half_a_last_place(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        float[] values = [.. Random(3, 300).Select((value, i) => value * MathF.ScaleB(1, -(i % 40)))];
        var packed = new PackedE5M6(bench.Ints(1, PackedE5M6.WordsOf(300), new int[PackedE5M6.WordsOf(300)]), bench.Zeros(1, 3), 300);
        Tensor back = bench.Zeros(1, 300);
        bench.Stream.PackRows(bench.Floats(1, 300, values), packed);
        bench.Stream.UnpackRows(packed, back);

        float[] found = bench.Read(back), scales = bench.Read(packed.Scales);
        for (int i = 0; i < values.Length; i++)
        {
            // Six bits of mantissa; below the smallest normal, a last place of 2⁻²⁰ times the scale, which is a power of two.
            float scale = scales[i / TileCuts.TileElements];
            double most = Math.Max(Math.Abs(values[i]) / 128.0, scale * Math.ScaleB(1, -21));
            Assert.True(float.IsPow2(scale));
            Assert.InRange(Math.Abs((double)found[i] - values[i]), 0, most);
        }
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void A_weight_gradient_is_within_the_error_of_its_roundings(string backend)
    {
        const int Tokens = 300, Outputs = 40, Inputs = 200;
        using var bench = new Workbench(Backends.Create(backend));
        float[] dy = Random(4, Tokens * Outputs), x = Random(5, Tokens * Inputs);
        QuantizedTokens outputs = bench.QuantizedTokens(Tokens, 1, Outputs), inputs = bench.QuantizedTokens(Tokens, 1, Inputs);
        QuantizedRows cached = bench.QuantizedRows(Tokens, new TileCuts(Inputs));
        Tensor once = bench.Zeros(Outputs, Inputs), twice = bench.Zeros(Outputs, Inputs);
        bench.Stream.QuantizeTokens(bench.Floats(Tokens, Outputs, dy), outputs, ScaleKind.Float32);
        bench.Stream.QuantizeTokens(bench.Floats(Tokens, Inputs, x), inputs, ScaleKind.Float32);
        bench.Stream.QuantizedLinearBackwardWeight(outputs, inputs, once);
        bench.Stream.QuantizeRows(bench.Floats(Tokens, Inputs, x), cached, ScaleKind.Float32);
        bench.Stream.RequantizeTokens(cached, inputs, ScaleKind.Float32);
        bench.Stream.QuantizedLinearBackwardWeight(outputs, inputs, twice, accumulate: false);

        float[] exact = new float[Outputs * Inputs];
        for (int i = 0; i < exact.Length; i++)
        {
            exact[i] = (float)Enumerable.Range(0, Tokens).Sum(token => (double)dy[(token * Outputs) + (i / Inputs)] * x[(token * Inputs) + (i % Inputs)]);
        }

        // The measure is half of the sum of the operands' squared relative errors: two roundings stay below 1e-3, so three below 1.5e-3.
        Assert.InRange(QuantizationError.Of(bench.Read(once), exact), 0, 1e-3);
        Assert.InRange(QuantizationError.Of(bench.Read(twice), exact), 0, 1.5e-3);
    }

    /// <summary>Normal values.</summary>
    private static float[] Random(int seed, int count)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return values;
    }
}
