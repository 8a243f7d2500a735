using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Tests.Simd;

/// <summary>A row's result does not depend on its address, its stride or its neighbours, in any reduction.</summary>
public sealed class ReductionOrder
{
    public static TheoryData<int> Lengths() => [1, 7, 16, 31, 64, 65, 200];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void RmsNorm_of_a_row_alone_has_the_bits_of_the_row_in_a_batch(int columns)
    {
        using var bench = new Bench();
        const int Rows = 9;
        Tensor x = bench.Floats(Rows, columns), weight = bench.Floats(1, columns), dy = bench.Floats(Rows, columns);
        Tensor y = bench.Floats(Rows, columns), rstd = bench.Floats(1, Rows), dx = bench.Floats(Rows, columns);
        Tensor dWeight = bench.Floats(1, columns), ownWeight = bench.Like(dWeight);
        bench.Stream.RmsNorm(x, weight, 1e-6f, y, rstd);
        bench.Stream.RmsNormBackward(dy, x, weight, rstd, dx, dWeight);
        for (int row = 0; row < Rows; row++)
        {
            Tensor alone = bench.Like(x.RowRange(row, 1), shift: row), ownRstd = bench.Floats(1, 1);
            Tensor own = bench.Floats(1, columns, shift: 3);
            bench.Stream.RmsNorm(alone, weight, 1e-6f, own, ownRstd);
            Assert.Equal(Bench.Bits(y.RowRange(row, 1)), Bench.Bits(own));
            bench.Stream.RmsNormBackward(bench.Like(dy.RowRange(row, 1), shift: 1), alone, weight, ownRstd, own, ownWeight);
            Assert.Equal(Bench.Bits(dx.RowRange(row, 1)), Bench.Bits(own));
        }

        Assert.Equal(Bench.Bits(dWeight), Bench.Bits(ownWeight));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void CrossEntropy_of_a_row_alone_has_the_bits_of_the_row_in_a_batch(int columns)
    {
        using var bench = new Bench();
        const int Rows = 6;
        Tensor logits = bench.Floats(Rows, columns, gap: 3), losses = bench.Floats(1, Rows), gradient = bench.Floats(Rows, columns);
        bench.Stream.CrossEntropy(logits, bench.Ints(0, columns - 1, -1, columns / 2, 0, 0), 0.1f, losses, gradient);
        for (int row = 0; row < Rows; row++)
        {
            int target = row switch { 1 => columns - 1, 2 => -1, 3 => columns / 2, _ => 0 };
            Tensor alone = bench.Like(logits.RowRange(row, 1), shift: row), loss = bench.Floats(1, 1);
            bench.Stream.CrossEntropy(alone, bench.Ints(target), 0.1f, loss, alone);
            Assert.Equal(Bench.Bits(losses.ColumnRange(row, 1)), Bench.Bits(loss));
            Assert.Equal(Bench.Bits(gradient.RowRange(row, 1)), Bench.Bits(alone));
        }
    }

    [Fact]
    public void A_sequence_has_the_same_attention_alone_and_beside_others()
    {
        using var bench = new Bench();
        var shape = new AttentionShape(Heads: 3, NopeColumns: 20, RopeColumns: 6, ValueColumns: 18, Scale: 0.2f);
        const int Rows = 150;
        int[] starts = [0, 5, 5, 75, 150];
        var all = new AttentionTensors(bench, shape, Rows);
        all.Run(bench.Ints(starts));
        for (int i = 0; i + 1 < starts.Length; i++)
        {
            int count = starts[i + 1] - starts[i];
            AttentionTensors alone = all.Part(starts[i], count);
            alone.Run(bench.Ints(0, count));
            all.AssertBits(starts[i], alone);
        }
    }

    [Fact]
    public void A_row_has_the_same_attention_whatever_follows_it()
    {
        using var bench = new Bench();
        var shape = new AttentionShape(Heads: 2, NopeColumns: 16, RopeColumns: 8, ValueColumns: 16, Scale: 0.2f);
        Tensor q = bench.Floats(90, 48), kv = bench.Floats(90, 64), kRope = bench.Floats(90, 8);
        Tensor whole = bench.Floats(90, 32);
        bench.Stream.Attention(q, kv, kRope, bench.Ints(0, 90), shape, whole, default);
        foreach (int rows in (int[])[1, 14, 33, 64, 89])
        {
            Tensor part = bench.Floats(rows, 32);
            bench.Stream.Attention(
                q.RowRange(0, rows), kv.RowRange(0, rows), kRope.RowRange(0, rows), bench.Ints(0, rows), shape, part, default);
            Assert.Equal(Bench.Bits(whole.RowRange(0, rows)), Bench.Bits(part));
        }
    }

    [Fact]
    public void Decoding_a_sequence_has_the_same_bits_alone_and_in_a_batch()
    {
        using var bench = new Bench();
        var shape = new AttentionShape(Heads: 5, NopeColumns: 12, RopeColumns: 6, ValueColumns: 10, Scale: 0.3f);
        int[] firsts = [0, 40, 3], lengths = [37, 60, 1];
        Tensor q = bench.Floats(3, 5 * shape.QueryColumns), cache = bench.Floats(100, 34 + 6, gap: 2), together = bench.Floats(3, 50);
        Weight up = bench.Weight(1, 5 * shape.KeyValueColumns, 34);
        bench.Stream.LatentAttention(q, up, cache, bench.Ints(firsts), bench.Ints(lengths), shape, together);
        for (int row = 0; row < 3; row++)
        {
            Tensor alone = bench.Floats(1, 50), own = bench.Like(cache.RowRange(firsts[row], lengths[row]), shift: 1);
            bench.Stream.LatentAttention(q.RowRange(row, 1), up, own, bench.Ints(0), bench.Ints(lengths[row]), shape, alone);
            Assert.Equal(Bench.Bits(together.RowRange(row, 1)), Bench.Bits(alone));
        }
    }
}
