using Actors.Tensors;

namespace Actors.Cpu.Tests.Simd;

/// <summary>
/// Every element of a product is one chain of fused multiply-adds in index order, so neither neighbours nor cuts of a batch
/// change a bit. The expected values are that chain, written as a plain loop.
/// </summary>
public sealed class ProductOrder
{
    // (inputs, outputs): below, at and above a vector, a panel and the blocks of depth and columns.
    public static TheoryData<int, int> Shapes() => new()
    {
        { 1, 1 }, { 3, 5 }, { 16, 16 }, { 17, 31 }, { 32, 33 }, { 40, 48 },
        { 128, 112 }, { 64, 100 }, { 47, 61 }, { 385, 35 }, { 512, 64 }, { 1030, 257 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_product_sums_its_inputs_in_order_for_every_number_of_rows(int inputs, int outputs)
    {
        using var bench = new Bench();
        Weight weight = bench.Weight(1, outputs, inputs);
        foreach (int rows in RowCounts(inputs))
        {
            Tensor x = bench.Floats(rows, inputs, gap: rows % 3), y = bench.Floats(rows, outputs, gap: rows % 2);
            bench.Stream.Linear(x, weight, y);
            AssertBits(y, (row, column) => Chain(inputs, 0, k => x.RowSpan<float>(row)[k], k => weight.Values.RowSpan<float>(column)[k]));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_products_backward_for_the_input_sums_its_outputs_in_order(int inputs, int outputs)
    {
        using var bench = new Bench();
        Weight weight = bench.Weight(1, outputs, inputs);
        foreach (int rows in RowCounts(inputs))
        {
            Tensor dy = bench.Floats(rows, outputs, gap: rows % 2), dx = bench.Floats(rows, inputs, gap: rows % 3);
            bench.Stream.LinearBackwardInput(dy, weight, dx);
            AssertBits(dx, (row, column) => Chain(
                outputs, 0, k => dy.RowSpan<float>(row)[k], k => weight.Values.RowSpan<float>(k)[column]));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_weight_gradient_goes_on_from_what_was_there_and_sums_rows_in_order(int inputs, int outputs)
    {
        using var bench = new Bench();
        foreach (int rows in (int[])[1, 2, 15, 40, inputs < 600 ? 400 : 70])
        {
            Tensor x = bench.Floats(rows, inputs, gap: rows % 3), dy = bench.Floats(rows, outputs, gap: rows % 2);
            Tensor dw = bench.Floats(outputs, inputs), before = bench.Like(dw);
            bench.Stream.LinearBackwardWeight(dy, x, dw);
            AssertBits(dw, (row, column) => Chain(
                rows, before.RowSpan<float>(row)[column], k => dy.RowSpan<float>(k)[row], k => x.RowSpan<float>(k)[column]));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void An_overwritten_weight_gradient_has_the_bits_of_one_added_to_zeros(int inputs, int outputs)
    {
        using var bench = new Bench();
        foreach (int rows in (int[])[0, 1, 15, inputs < 600 ? 400 : 70])
        {
            Tensor x = bench.Floats(rows, inputs, gap: 1), dy = bench.Floats(rows, outputs, gap: 2);
            Tensor dw = bench.Floats(outputs, inputs), zeros = bench.Floats(outputs, inputs);
            dw.AsSpan<float>().Fill(float.NaN);
            bench.Stream.Zero(zeros);
            bench.Stream.LinearBackwardWeight(dy, x, dw, accumulate: false);
            bench.Stream.LinearBackwardWeight(dy, x, zeros);
            Assert.Equal(Bench.Bits(zeros), Bench.Bits(dw));
        }
    }

    [Fact]
    public void Rows_that_crowd_the_cache_are_multiplied_in_the_same_order()
    {
        using var bench = new Bench();
        const int Rows = 203, Inputs = 1024, Outputs = 301;
        Weight weight = bench.Weight(1, Outputs, Inputs);
        Tensor x = bench.Floats(Rows, Inputs), y = bench.Floats(Rows, Outputs);
        bench.Stream.Linear(x, weight, y);
        AssertBits(y, (row, column) => Chain(
            Inputs, 0, k => x.RowSpan<float>(row)[k], k => weight.Values.RowSpan<float>(column)[k]));
    }

    [Fact]
    public void A_weight_gradient_of_more_than_one_block_of_outputs_and_inputs_sums_rows_in_order()
    {
        using var bench = new Bench();
        const int Rows = 203, Inputs = 401, Outputs = 1101;
        Tensor x = bench.Floats(Rows, Inputs), dy = bench.Floats(Rows, Outputs), dw = bench.Floats(Outputs, Inputs);
        bench.Stream.LinearBackwardWeight(dy, x, dw, accumulate: false);
        AssertBits(dw, (row, column) => Chain(Rows, 0, k => dy.RowSpan<float>(k)[row], k => x.RowSpan<float>(k)[column]));
    }

    [Fact]
    public void A_weight_gradient_has_the_same_bits_wherever_its_batch_is_cut()
    {
        using var bench = new Bench();
        const int Rows = 500;
        Tensor x = bench.Floats(Rows, 300), dy = bench.Floats(Rows, 90);
        Tensor whole = bench.Floats(90, 300), parts = bench.Like(whole);
        bench.Stream.LinearBackwardWeight(dy, x, whole);
        for (int row = 0; row < Rows;)
        {
            int count = Math.Min(Rows - row, bench.Next(0, 260));
            bench.Stream.LinearBackwardWeight(dy.RowRange(row, count), x.RowRange(row, count), parts);
            row += count;
        }

        Assert.Equal(Bench.Bits(whole), Bench.Bits(parts));
    }

    [Theory]
    [InlineData(40, 48)]
    [InlineData(800, 35)]
    public void An_addend_is_added_to_the_rounded_product_and_may_be_the_result(int inputs, int outputs)
    {
        using var bench = new Bench();
        Weight weight = bench.Weight(1, outputs, inputs);
        foreach (int rows in (int[])[1, 9, 20])
        {
            Tensor x = bench.Floats(rows, inputs), product = bench.Floats(rows, outputs);
            Tensor addend = bench.Floats(rows, outputs, gap: 5), sum = bench.Floats(rows, outputs), inPlace = bench.Like(addend, gap: 3);
            bench.Stream.Linear(x, weight, product);
            bench.Stream.Linear(x, weight, sum, addend);
            bench.Stream.Linear(x, weight, inPlace, inPlace);
            AssertBits(sum, (row, column) => addend.RowSpan<float>(row)[column] + product.RowSpan<float>(row)[column]);
            Assert.Equal(Bench.Bits(sum), Bench.Bits(inPlace));
        }
    }

    [Fact]
    public void Grouped_products_have_the_bits_of_each_groups_own()
    {
        using var bench = new Bench();
        const int Inputs = 70, Outputs = 45;
        int[] starts = [0, 0, 1, 18, 18, 60];
        int groups = starts.Length - 1;
        Weight weight = bench.Weight(groups, Outputs, Inputs);
        Tensor offsets = bench.Ints(starts), x = bench.Floats(60, Inputs), dy = bench.Floats(60, Outputs);
        Tensor y = bench.Floats(60, Outputs), dx = bench.Floats(60, Inputs);
        Tensor dw = bench.Floats(groups * Outputs, Inputs), before = bench.Like(dw);
        bench.Stream.GroupedLinear(x, offsets, weight, y);
        bench.Stream.GroupedLinearBackwardInput(dy, offsets, weight, dx);
        bench.Stream.GroupedLinearBackwardWeight(dy, x, offsets, dw);
        Tensor first = bench.Like(dw), zeros = bench.Like(dw);
        bench.Stream.Zero(zeros);
        bench.Stream.GroupedLinearBackwardWeight(dy, x, offsets, first, accumulate: false);
        bench.Stream.GroupedLinearBackwardWeight(dy, x, offsets, zeros);
        Assert.Equal(Bench.Bits(zeros), Bench.Bits(first));
        int Group(int row) => Array.FindLastIndex(starts, start => start <= row);
        Tensor w = weight.Values;
        AssertBits(y, (row, column) => Chain(
            Inputs, 0, k => x.RowSpan<float>(row)[k], k => w.RowSpan<float>(Group(row) * Outputs + column)[k]));
        AssertBits(dx, (row, column) => Chain(
            Outputs, 0, k => dy.RowSpan<float>(row)[k], k => w.RowSpan<float>(Group(row) * Outputs + k)[column]));
        AssertBits(dw, (row, column) => Chain(
            starts[row / Outputs + 1] - starts[row / Outputs], before.RowSpan<float>(row)[column],
            k => dy.RowSpan<float>(starts[row / Outputs] + k)[row % Outputs], k => x.RowSpan<float>(starts[row / Outputs] + k)[column]));
    }

    /// <summary>All row counts of a strip and some of several; few where the plain loop takes long.</summary>
    private static int[] RowCounts(int inputs) => inputs > 300 ? [1, 2, 9, 29] : [.. Enumerable.Range(1, 15), 28, 40, 57];

    private static float Chain(int count, float start, Func<int, float> left, Func<int, float> right)
    {
        float sum = start;
        for (int k = 0; k < count; k++)
        {
            sum = MathF.FusedMultiplyAdd(left(k), right(k), sum);
        }

        return sum;
    }

    private static void AssertBits(Tensor found, Func<int, int, float> expected)
    {
        for (int row = 0; row < found.Rows; row++)
        {
            for (int column = 0; column < found.Columns; column++)
            {
                float value = expected(row, column);
                float actual = found.RowSpan<float>(row)[column];
                Assert.True(
                    BitConverter.SingleToInt32Bits(value) == BitConverter.SingleToInt32Bits(actual),
                    $"{found} at ({row}, {column}): {actual:g9}, expected {value:g9}.");
            }
        }
    }
}
