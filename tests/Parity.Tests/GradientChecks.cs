using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

/// <summary>Each backward operation, on every backend, against finite differences of the scalar forward.</summary>
public sealed class GradientChecks
{
    private readonly Random _random = new(20250101);

    public static TheoryData<string> BackendNames()
    {
        var data = new TheoryData<string>();
        foreach (string name in Backends.Names)
        {
            data.Add(name);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void SwiGlu_backward_is_the_gradient_of_the_weighted_output(string backend)
    {
        const int Rows = 3;
        const int Columns = 5;
        float[] gateUp = Point(Rows * 2 * Columns, 2);
        float[] weights = Point(Rows, 1);
        float[] dy = Point(Rows * Columns, 1);

        using Workbench bench = On(backend);
        Tensor dGateUp = bench.Zeros(Rows, 2 * Columns);
        Tensor dWeights = bench.Zeros(1, Rows);
        bench.Stream.SwiGluBackward(
            bench.Floats(Rows, 2 * Columns, gateUp), bench.Floats(Rows, Columns, dy), bench.Floats(1, Rows, weights),
            dGateUp, bench.Zeros(Rows, Columns), dWeights);

        double Loss(float[] x, float[] w)
        {
            using var forward = Workbench.Scalar();
            Tensor y = forward.Zeros(Rows, Columns);
            forward.Stream.SwiGlu(forward.Floats(Rows, 2 * Columns, x), y);
            double loss = 0;
            for (int row = 0; row < Rows; row++)
            {
                loss += w[row] * forward.Dot(y.RowRange(row, 1), dy[(row * Columns)..((row + 1) * Columns)]);
            }

            return loss;
        }

        FiniteDifferences.AssertGradient("dGateUp", gateUp, x => Loss(x, weights), bench.Read(dGateUp));
        FiniteDifferences.AssertGradient("dWeights", weights, w => Loss(gateUp, w), bench.Read(dWeights));
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Grouped_product_backwards_are_its_gradients(string backend)
    {
        const int Rows = 6;
        const int Groups = 3;
        const int Outputs = 4;
        const int Inputs = 5;
        int[] offsets = [0, 4, 4, 6];
        float[] x = Point(Rows * Inputs, 1);
        float[] w = Point(Groups * Outputs * Inputs, 1);
        float[] dy = Point(Rows * Outputs, 1);

        using Workbench bench = On(backend);
        Tensor gradient = bench.Floats(Rows, Outputs, dy);
        Tensor starts = bench.Ints(1, Groups + 1, offsets);
        Tensor dx = bench.Zeros(Rows, Inputs);
        Tensor dw = bench.Zeros(Groups * Outputs, Inputs);
        bench.Stream.GroupedLinearBackwardInput(gradient, starts, bench.Weight(Groups, Outputs, Inputs, w), dx);
        bench.Stream.GroupedLinearBackwardWeight(gradient, bench.Floats(Rows, Inputs, x), starts, dw);

        double Loss(float[] input, float[] matrices)
        {
            using var forward = Workbench.Scalar();
            Tensor y = forward.Zeros(Rows, Outputs);
            forward.Stream.GroupedLinear(
                forward.Floats(Rows, Inputs, input), forward.Ints(1, Groups + 1, offsets),
                forward.Weight(Groups, Outputs, Inputs, matrices), y);
            return forward.Dot(y, dy);
        }

        FiniteDifferences.AssertGradient("dx", x, input => Loss(input, w), bench.Read(dx));
        FiniteDifferences.AssertGradient("dWeight", w, matrices => Loss(x, matrices), bench.Read(dw));
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Product_backwards_are_its_gradients(string backend)
    {
        const int Rows = 3;
        const int Outputs = 4;
        const int Inputs = 5;
        float[] x = Point(Rows * Inputs, 1);
        float[] w = Point(Outputs * Inputs, 1);
        float[] dy = Point(Rows * Outputs, 1);

        using Workbench bench = On(backend);
        Tensor dx = bench.Zeros(Rows, Inputs);
        Tensor dw = bench.Zeros(Outputs, Inputs);
        bench.Stream.LinearBackwardInput(bench.Floats(Rows, Outputs, dy), bench.Weight(1, Outputs, Inputs, w), dx);
        bench.Stream.LinearBackwardWeight(bench.Floats(Rows, Outputs, dy), bench.Floats(Rows, Inputs, x), dw);

        double Loss(float[] input, float[] matrix)
        {
            using var forward = Workbench.Scalar();
            Tensor y = forward.Zeros(Rows, Outputs);
            forward.Stream.Linear(forward.Floats(Rows, Inputs, input), forward.Weight(1, Outputs, Inputs, matrix), y);
            return forward.Dot(y, dy);
        }

        FiniteDifferences.AssertGradient("dx", x, input => Loss(input, w), bench.Read(dx));
        FiniteDifferences.AssertGradient("dWeight", w, matrix => Loss(x, matrix), bench.Read(dw));
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void RmsNorm_backwards_are_its_gradients(string backend)
    {
        const int Rows = 3;
        const int Columns = 6;
        const float Epsilon = 0.01f;
        float[] x = Point(Rows * Columns, 2);
        float[] weight = Point(Columns, 1);
        float[] dy = Point(Rows * Columns, 1);

        using Workbench bench = On(backend);
        Tensor input = bench.Floats(Rows, Columns, x);
        Tensor factors = bench.Floats(1, Columns, weight);
        Tensor gradient = bench.Floats(Rows, Columns, dy);
        Tensor rstd = bench.Zeros(1, Rows);
        Tensor dx = bench.Zeros(Rows, Columns);
        Tensor dWeight = bench.Zeros(1, Columns);
        bench.Stream.RmsNorm(input, factors, Epsilon, bench.Zeros(Rows, Columns), rstd);
        bench.Stream.RmsNormBackward(gradient, input, factors, rstd, dx, dWeight);

        double Loss(float[] values, float[] scales)
        {
            using var forward = Workbench.Scalar();
            Tensor y = forward.Zeros(Rows, Columns);
            forward.Stream.RmsNorm(
                forward.Floats(Rows, Columns, values), forward.Floats(1, Columns, scales), Epsilon, y, rstd: default);
            return forward.Dot(y, dy);
        }

        FiniteDifferences.AssertGradient("dx", x, values => Loss(values, weight), bench.Read(dx));
        FiniteDifferences.AssertGradient("dWeight", weight, scales => Loss(x, scales), bench.Read(dWeight));
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Turning_back_is_the_gradient_of_rope(string backend)
    {
        float[] x = Point(2 * 2 * 6, 1);
        float[] dy = Point(x.Length, 1);
        float[] angles = Point(3 * 2, 3);
        float[] cos = Array.ConvertAll(angles, MathF.Cos);
        float[] sin = Array.ConvertAll(angles, MathF.Sin);

        using Workbench bench = On(backend);
        Tensor dx = bench.Floats(2, 12, dy);
        bench.Stream.Rope(dx, 2, bench.Ints(1, 2, 2, 1), bench.Floats(3, 2, cos), bench.Floats(3, 2, sin), inverse: true);

        double Loss(float[] values)
        {
            using var forward = Workbench.Scalar();
            Tensor y = forward.Floats(2, 12, values);
            forward.Stream.Rope(
                y, 2, forward.Ints(1, 2, 2, 1), forward.Floats(3, 2, cos), forward.Floats(3, 2, sin), inverse: false);
            return forward.Dot(y, dy);
        }

        FiniteDifferences.AssertGradient("dx", x, Loss, bench.Read(dx));
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Attention_backward_is_its_gradient(string backend)
    {
        const int Rows = 6;
        var shape = new AttentionShape(Heads: 2, NopeColumns: 3, RopeColumns: 2, ValueColumns: 4, Scale: 0.5f);
        int[] sequences = [0, 4, 6];
        int queryColumns = shape.Heads * shape.QueryColumns;
        int keyValueColumns = shape.Heads * shape.KeyValueColumns;
        int outputColumns = shape.Heads * shape.ValueColumns;
        float[] q = Point(Rows * queryColumns, 1);
        float[] kv = Point(Rows * keyValueColumns, 1);
        float[] kRope = Point(Rows * shape.RopeColumns, 1);
        float[] dO = Point(Rows * outputColumns, 1);

        Tensor Forward(Workbench on, float[] query, float[] keyValue, float[] keyRope, Tensor logSumExp)
        {
            Tensor o = on.Zeros(Rows, outputColumns);
            on.Stream.Attention(
                on.Floats(Rows, queryColumns, query), on.Floats(Rows, keyValueColumns, keyValue),
                on.Floats(Rows, shape.RopeColumns, keyRope), on.Ints(1, 3, sequences), shape, o, logSumExp);
            return o;
        }

        double Loss(float[] query, float[] keyValue, float[] keyRope)
        {
            using var forward = Workbench.Scalar();
            return forward.Dot(Forward(forward, query, keyValue, keyRope, logSumExp: default), dO);
        }

        using Workbench bench = On(backend);
        Tensor saved = bench.Zeros(Rows, shape.Heads);
        Tensor output = Forward(bench, q, kv, kRope, saved);
        Tensor dq = bench.Zeros(Rows, queryColumns);
        Tensor dkv = bench.Zeros(Rows, keyValueColumns);
        Tensor dkRope = bench.Zeros(Rows, shape.RopeColumns);
        bench.Stream.AttentionBackward(
            bench.Floats(Rows, outputColumns, dO), bench.Floats(Rows, queryColumns, q), bench.Floats(Rows, keyValueColumns, kv),
            bench.Floats(Rows, shape.RopeColumns, kRope), output, saved, bench.Ints(1, 3, sequences), shape, dq, dkv, dkRope);

        FiniteDifferences.AssertGradient("dq", q, x => Loss(x, kv, kRope), bench.Read(dq));
        FiniteDifferences.AssertGradient("dkv", kv, x => Loss(q, x, kRope), bench.Read(dkv));
        FiniteDifferences.AssertGradient("dkRope", kRope, x => Loss(q, kv, x), bench.Read(dkRope));
    }

    private static Workbench On(string backend) => new(Backends.Create(backend));

    private float[] Point(int count, float size) => FiniteDifferences.RandomPoint(_random, count, size);
}
