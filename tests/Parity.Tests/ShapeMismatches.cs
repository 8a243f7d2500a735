using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Quantized;

namespace Actors.Parity.Tests;

/// <summary>A mismatch is refused when enqueued, in one line that names operation, tensor and both shapes.</summary>
public sealed class ShapeMismatches
{
    public static TheoryData<string> BackendNames() => GradientChecks.BackendNames();

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void A_product_names_the_output_and_both_shapes(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        Weight weight = bench.Weight(1, 4, 3, new float[12]);
        AssertRefused(
            () => bench.Stream.Linear(bench.Zeros(2, 3), weight, bench.Zeros(2, 5)), "Linear", "Float32[2, 5]", "Float32[2, 4]");
        AssertRefused(
            () => bench.Stream.Linear(bench.Zeros(2, 4), weight, bench.Zeros(2, 4)), "Linear", "Float32[2, 4]", "Float32[2, 3]");
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void A_missing_tensor_is_named(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        AssertRefused(
            () => bench.Stream.Add(bench.Zeros(2, 3), default, bench.Zeros(2, 3)), "Add", "b is no tensor", "Float32[2, 3]");
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void A_wrong_element_type_is_named(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        AssertRefused(
            () => bench.Stream.Embed(bench.Zeros(1, 2), bench.Zeros(4, 3), bench.Zeros(2, 3)),
            "Embed", "ids", "Float32[1, 2]", "Int32[1, 2]");
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void A_grouped_product_wants_a_group_for_every_matrix(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        Weight weight = bench.Weight(2, 4, 3, new float[24]);
        AssertRefused(
            () => bench.Stream.GroupedLinear(bench.Zeros(5, 3), bench.Ints(1, 4, 0, 1, 2, 5), weight, bench.Zeros(5, 4)),
            "GroupedLinear", "offsets", "Int32[1, 4]", "Int32[1, 3]");
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Attention_names_the_tensor_that_does_not_fit_the_heads(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        var shape = new AttentionShape(Heads: 2, NopeColumns: 3, RopeColumns: 2, ValueColumns: 4, Scale: 1);
        AssertRefused(
            () => bench.Stream.Attention(
                bench.Zeros(3, 10), bench.Zeros(3, 13), bench.Zeros(3, 2), bench.Ints(1, 2, 0, 3), shape, bench.Zeros(3, 8), default),
            "Attention", "kv", "Float32[3, 13]", "Float32[3, 14]");
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void A_gate_that_cannot_choose_that_many_is_refused(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        AssertRefused(
            () => bench.Stream.ChooseExperts(
                bench.Zeros(1, 8), bench.Zeros(1, 8), new GateShape(4, 1, 3, true, 1), bench.Zeros(1, 8),
                bench.Ints(1, 3, 0, 0, 0), bench.Zeros(1, 3)),
            "ChooseExperts", "3", "1 of 4 groups", "8 experts");
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Rows_are_pushed_to_windows_of_their_columns_and_a_place_for_each_rank(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        Tensor[] windows = [bench.Zeros(3, 4), bench.Zeros(3, 5)];
        AssertRefused(
            () => bench.Stream.PushRows(bench.Zeros(2, 4), bench.Ints(2, 2, -1, -1, -1, -1), windows), "PushRows", "windows", "Float32[3, 5]", "Float32[3, 4]");
        AssertRefused(
            () => bench.Stream.PushRows(bench.Zeros(2, 4), bench.Ints(2, 1, -1, -1), windows), "PushRows", "places", "Int32[2, 1]", "Int32[2, 2]");
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Tensors_of_a_sum_have_one_shape_and_no_gaps(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        Tensor sum = bench.Zeros(3, 4);
        AssertRefused(() => bench.Stream.SumTensors([sum, bench.Zeros(3, 5)], sum), "SumTensors", "parts", "Float32[3, 5]", "Float32[3, 4]");
        AssertRefused(() => bench.Stream.SumTensors([bench.Zeros(3, 8).ColumnRange(0, 4)], sum), "SumTensors", "parts", "contiguous");
        AssertRefused(() => bench.Stream.SumTensors([], sum), "SumTensors", "0 ranks");
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Ranks_fill_nodes_and_are_not_more_than_a_group_may_have(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        AssertRefused(
            () => bench.Stream.CollectSums([bench.Zeros(3, 4), bench.Zeros(3, 4), bench.Zeros(3, 4)], bench.Ints(1, 3, -1, -1, -1), 2, bench.Zeros(1, 4)),
            "CollectSums", "3 ranks", "nodes of 2");
        AssertRefused(
            () => bench.Stream.CountDestinations(bench.Ints(1, 1, 0), 1, bench.Ints(1, 65, new int[65]), bench.Ints(1, 65, new int[65])), "CountDestinations", "65 ranks", "64");
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Live_rows_are_one_number(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        AssertRefused(
            () => bench.Stream.SwiGlu(bench.Zeros(2, 6), bench.Zeros(2, 3), bench.Ints(1, 2, 1, 1)), "SwiGlu", "live", "Int32[1, 2]", "Int32[1, 1]");
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Quantized_operands_are_cut_alike(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        QuantizedBlocks pair = bench.QuantizedBlocks(new TileCuts(200, 100), 30);
        AssertRefused(
            () => bench.Stream.QuantizedLinearBackwardInput(bench.QuantizedRows(2, new TileCuts(200)), pair, bench.Zeros(2, 30)),
            "QuantizedLinearBackwardInput", "dy", "Second = 200", "Second = 100");
        AssertRefused(
            () => bench.Stream.QuantizedLinear(bench.QuantizedRows(2, new TileCuts(31)), pair, bench.Zeros(2, 200)), "QuantizedLinear", "x", "Length = 31", "Length = 30");
        AssertRefused(
            () => bench.Stream.QuantizeTokens(bench.Zeros(300, 4), bench.QuantizedTokens(300, 1, 4), ScaleKind.Float32, bench.Ints(1, 3, 0, 5, 300)),
            "QuantizeTokens", "codes", "E4M3[4, 384]", "E4M3[4, 512]");
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Codes_of_a_SwiGLU_have_its_columns(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        QuantizedRows pair = bench.QuantizedRows(2, new TileCuts(12, 6));
        AssertRefused(
            () => bench.Stream.SwiGluCodes(bench.Zeros(2, 12), bench.Zeros(2, 6), pair, bench.QuantizedRows(2, new TileCuts(7))), "codes", "E4M3[2, 7]", "E4M3[2, 6]");
        AssertRefused(
            () => bench.Stream.SwiGluBackwardCodes(pair, bench.Zeros(2, 6), default, bench.Zeros(2, 12), bench.QuantizedRows(3, pair.Cuts), default),
            "codes", "E4M3[3, 12]", "E4M3[2, 12]");
    }

    private static void AssertRefused(Action operation, params string[] parts)
    {
        string message = Assert.Throws<TensorShapeException>(operation).Message;
        Assert.DoesNotContain('\n', message);
        foreach (string part in parts)
        {
            Assert.Contains(part, message, StringComparison.Ordinal);
        }
    }
}
