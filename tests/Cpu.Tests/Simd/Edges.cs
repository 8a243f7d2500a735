using Actors.Cpu.Scalar;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Tests.Simd;

/// <summary>What lies at the borders of the contract.</summary>
public sealed class Edges
{
    [Fact]
    public void Zero_rows_change_nothing()
    {
        using var bench = new Bench();
        Weight weight = bench.Weight(2, 40, 30), one = bench.Weight(1, 40, 30);
        Tensor x = bench.Floats(0, 30), y = bench.Floats(0, 40), none = bench.Floats(1, 0);
        Tensor dw = bench.Floats(80, 30), before = bench.Like(dw);
        Tensor gradient = bench.Floats(1, 30), gradientBefore = bench.Like(gradient);
        bench.Stream.Linear(x, one, y);
        bench.Stream.LinearBackwardInput(y, one, x);
        bench.Stream.LinearBackwardWeight(y, x, dw.RowRange(0, 40));
        bench.Stream.GroupedLinear(x, bench.Ints(0, 0, 0), weight, y);
        bench.Stream.GroupedLinearBackwardWeight(y, x, bench.Ints(0, 0, 0), dw);
        bench.Stream.RmsNorm(x, gradient, 1e-6f, x, none);
        bench.Stream.RmsNormBackward(x, x, gradientBefore, none, x, gradient);
        bench.Stream.SwiGlu(bench.Floats(0, 60), x);
        bench.Stream.Embed(bench.Ints(), dw, x);
        bench.Stream.CrossEntropy(x, bench.Ints(), 1, none, x);
        Assert.Equal(Bench.Bits(before), Bench.Bits(dw));
        Assert.Equal(Bench.Bits(gradientBefore), Bench.Bits(gradient));
    }

    [Fact]
    public void Panels_of_both_directions_follow_the_values_when_prepared()
    {
        using var bench = new Bench();
        Weight weight = bench.Weight(1, 40, 30);
        Tensor x = bench.Floats(5, 30), y = bench.Floats(5, 40), again = bench.Floats(5, 40), dx = bench.Floats(5, 30);
        bench.Stream.Linear(x, weight, y);
        bench.Stream.LinearBackwardInput(y, weight, dx);
        bench.Stream.Add(weight.Values, weight.Values, weight.Values);
        bench.Stream.Prepare(weight);
        bench.Stream.Linear(x, weight, again);
        Tensor dxAgain = bench.Floats(5, 30);
        bench.Stream.LinearBackwardInput(y, weight, dxAgain);

        // Twice the values give exactly twice the sums.
        bench.Stream.Add(y, y, y);
        bench.Stream.Add(dx, dx, dx);
        Assert.Equal(Bench.Bits(y), Bench.Bits(again));
        Assert.Equal(Bench.Bits(dx), Bench.Bits(dxAgain));
    }

    [Fact]
    public void A_weight_of_another_backend_is_refused_by_name()
    {
        using var bench = new Bench();
        using var other = new ScalarBackend();
        using Weight weight = other.CreateWeight(1, 4, 3);
        ArgumentException refused = Assert.Throws<ArgumentException>(
            () => bench.Stream.Linear(bench.Floats(2, 3), weight, bench.Floats(2, 4)));
        Assert.Contains("another backend", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_shape_names_operation_tensor_and_both_shapes()
    {
        using var bench = new Bench();
        Weight weight = bench.Weight(1, 4, 3);
        TensorShapeException refused = Assert.Throws<TensorShapeException>(
            () => bench.Stream.Linear(bench.Floats(2, 3), weight, bench.Floats(2, 5)));
        Assert.Contains("Linear", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Float32[2, 5]", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Float32[2, 4]", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_memory_than_there_is_is_refused_with_backend_and_bytes()
    {
        using var backend = new CpuBackend();
        OutOfMemoryException refused = Assert.Throws<OutOfMemoryException>(() => backend.Allocate(long.MaxValue / 2));
        Assert.Contains("cpu", refused.Message, StringComparison.Ordinal);
        Assert.Contains((long.MaxValue / 2).ToString(), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scratch_memory_grows_from_a_short_sequence_to_a_long_one()
    {
        using var bench = new Bench();
        var shape = new AttentionShape(Heads: 1, NopeColumns: 64, RopeColumns: 16, ValueColumns: 64, Scale: 0.1f);
        foreach (int rows in (int[])[3, 1500])
        {
            Tensor q = bench.Floats(rows, 80), kv = bench.Floats(rows, 128), kRope = bench.Floats(rows, 16), o = bench.Floats(rows, 64);
            bench.Stream.Attention(q, kv, kRope, bench.Ints(0, rows), shape, o, default);

            // The first row sees itself alone: its output is its value.
            Assert.Equal(Bench.Bits(kv.RowRange(0, 1).ColumnRange(64, 64)), Bench.Bits(o.RowRange(0, 1)));
        }
    }

    [Fact]
    public void Logits_that_are_not_numbers_still_choose_valid_experts()
    {
        using var bench = new Bench();
        Tensor logits = bench.Floats(2, 8), experts = bench.Make(2, 3, ElementType.Int32);
        logits.RowSpan<float>(0).Fill(float.NaN);
        logits.RowSpan<float>(1)[4] = float.NaN;
        bench.Stream.ChooseExperts(
            logits, bench.Floats(1, 8), new GateShape(2, 1, 3, true, 1), bench.Floats(2, 8), experts, bench.Floats(2, 3));
        for (int row = 0; row < 2; row++)
        {
            int[] chosen = experts.RowSpan<int>(row).ToArray();
            Assert.Equal(3, chosen.Distinct().Count());
            Assert.All(chosen, expert => Assert.InRange(expert, 0, 7));
        }
    }
}
