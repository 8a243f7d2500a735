using Actors.Cpu;
using Actors.Tensors;

namespace Actors.LoadTests.Kernels;

/// <summary>Matrix products: a large square, the model's shapes, one row as in decoding, and groups of uneven size.</summary>
internal static class Products
{
    private const int CheckedRows = 8;

    // (inputs, outputs) of hocon/quickstart.conf's layers.
    private static readonly (int Inputs, int Outputs)[] Shapes =
        [(128, 112), (64, 192), (32, 256), (128, 128), (128, 768), (384, 128), (64, 128), (128, 16), (128, 256)];

    public static void Run(Workbench bench, Report report)
    {
        Dense(bench, report, 1024, 1024, 1024);
        foreach ((int inputs, int outputs) in Shapes)
        {
            Dense(bench, report, 128, inputs, outputs);
        }

        foreach (int rows in (int[])[16, 40, 256])
        {
            Dense(bench, report, rows, 128, 128);
            Dense(bench, report, rows, 128, 768);
        }

        foreach (int rows in (int[])[1, 2, 4])
        {
            Decode(bench, report, rows, 128, 128);
            Decode(bench, report, rows, 128, 768);
            Decode(bench, report, rows, 1024, 4096);
        }

        Grouped(bench, report, "even", 128, 128, [64, 64, 64, 64]);
        Grouped(bench, report, "uneven", 128, 128, [0, 3, 17, 128, 45, 1, 62, 0]);
        Grouped(bench, report, "uneven", 64, 128, [0, 3, 17, 128, 45, 1, 62, 0]);
        Prepare(bench, report, 128, 768);
        Prepare(bench, report, 1024, 1024);
    }

    private static void Dense(Workbench bench, Report report, int rows, int inputs, int outputs)
    {
        string shape = $"{rows} x {inputs} -> {outputs}";
        double flops = 2.0 * rows * inputs * outputs;
        Weight weight = bench.Weight(1, outputs, inputs);
        Tensor x = bench.Floats(rows, inputs), y = bench.Floats(rows, outputs), dw = bench.Floats(outputs, inputs);
        if (report.Wants($"Linear {shape}"))
        {
            bench.Stream.Linear(x, weight, y);
            double error = Error(
                y, (row, column) => Dot(inputs, k => x.RowSpan<float>(row)[k], k => weight.Values.RowSpan<float>(column)[k]));
            report.AddFlops($"Linear {shape}", error, Tolerance(inputs), flops, Timing.Measure(() => bench.Stream.Linear(x, weight, y)));
        }

        if (report.Wants($"LinearBackwardInput {shape}"))
        {
            Tensor dx = bench.Floats(rows, inputs);
            bench.Stream.LinearBackwardInput(y, weight, dx);
            double error = Error(
                dx, (row, column) => Dot(outputs, k => y.RowSpan<float>(row)[k], k => weight.Values.RowSpan<float>(k)[column]));
            report.AddFlops(
                $"LinearBackwardInput {shape}", error, Tolerance(outputs), flops,
                Timing.Measure(() => bench.Stream.LinearBackwardInput(y, weight, dx)));
        }

        if (report.Wants($"LinearBackwardWeight {shape}"))
        {
            bench.Stream.Zero(dw);
            bench.Stream.LinearBackwardWeight(y, x, dw);
            double error = Error(dw, (row, column) => Dot(rows, k => y.RowSpan<float>(k)[row], k => x.RowSpan<float>(k)[column]));
            report.AddFlops(
                $"LinearBackwardWeight {shape}", error, Tolerance(rows), flops,
                Timing.Measure(() => bench.Stream.LinearBackwardWeight(y, x, dw)));
        }

        bench.Clear();
    }

    private static void Decode(Workbench bench, Report report, int rows, int inputs, int outputs)
    {
        string name = $"Linear, few rows, {rows} x {inputs} -> {outputs}";
        if (report.Wants(name))
        {
            Weight weight = bench.Weight(1, outputs, inputs);
            Tensor x = bench.Floats(rows, inputs), y = bench.Floats(rows, outputs);
            bench.Stream.Linear(x, weight, y);
            double error = Error(
                y, (row, column) => Dot(inputs, k => x.RowSpan<float>(row)[k], k => weight.Values.RowSpan<float>(column)[k]));
            Timing timing = Timing.Measure(() => bench.Stream.Linear(x, weight, y));
            report.AddBytes(name, error, Tolerance(inputs), 4.0 * inputs * outputs, timing);
            bench.Clear();
        }
    }

    private static void Grouped(Workbench bench, Report report, string kind, int inputs, int outputs, int[] groupRows)
    {
        int groups = groupRows.Length;
        var starts = new int[groups + 1];
        for (int group = 0; group < groups; group++)
        {
            starts[group + 1] = starts[group] + groupRows[group];
        }

        int rows = starts[groups];
        string shape = $"{kind}, {groups} groups, {rows} x {inputs} -> {outputs}";
        double flops = 2.0 * rows * inputs * outputs;
        Tensor offsets = bench.Ints(starts);
        Weight weight = bench.Weight(groups, outputs, inputs);
        Tensor x = bench.Floats(rows, inputs), y = bench.Floats(rows, outputs), dx = bench.Floats(rows, inputs);
        Tensor dw = bench.Floats(groups * outputs, inputs);
        int Group(int row) => Array.FindIndex(starts, start => start > row) - 1;
        if (report.Wants($"GroupedLinear {shape}"))
        {
            bench.Stream.GroupedLinear(x, offsets, weight, y);
            double error = Error(y, (row, column) => Dot(
                inputs, k => x.RowSpan<float>(row)[k], k => weight.Values.RowSpan<float>(Group(row) * outputs + column)[k]));
            report.AddFlops(
                $"GroupedLinear {shape}", error, Tolerance(inputs), flops,
                Timing.Measure(() => bench.Stream.GroupedLinear(x, offsets, weight, y)));
        }

        if (report.Wants($"GroupedLinearBackwardInput {shape}"))
        {
            bench.Stream.GroupedLinearBackwardInput(y, offsets, weight, dx);
            double error = Error(dx, (row, column) => Dot(
                outputs, k => y.RowSpan<float>(row)[k], k => weight.Values.RowSpan<float>(Group(row) * outputs + k)[column]));
            report.AddFlops(
                $"GroupedLinearBackwardInput {shape}", error, Tolerance(outputs), flops,
                Timing.Measure(() => bench.Stream.GroupedLinearBackwardInput(y, offsets, weight, dx)));
        }

        if (report.Wants($"GroupedLinearBackwardWeight {shape}"))
        {
            bench.Stream.Zero(dw);
            bench.Stream.GroupedLinearBackwardWeight(y, x, offsets, dw);
            double error = Error(dw, (row, column) => Dot(
                groupRows[row / outputs], k => y.RowSpan<float>(starts[row / outputs] + k)[row % outputs],
                k => x.RowSpan<float>(starts[row / outputs] + k)[column]));
            report.AddFlops(
                $"GroupedLinearBackwardWeight {shape}", error, Tolerance(rows), flops,
                Timing.Measure(() => bench.Stream.GroupedLinearBackwardWeight(y, x, offsets, dw)));
        }

        bench.Clear();
    }

    private static void Prepare(Workbench bench, Report report, int inputs, int outputs)
    {
        string name = $"Prepare, both directions, {inputs} -> {outputs}";
        if (report.Wants(name))
        {
            Weight weight = bench.Weight(1, outputs, inputs);
            Tensor x = bench.Floats(1, inputs), y = bench.Floats(1, outputs);
            bench.Stream.LinearBackwardInput(y, weight, x);
            Timing timing = Timing.Measure(() => bench.Stream.Prepare(weight));
            bench.Stream.Linear(x, weight, y);
            double error = Error(
                y, (row, column) => Dot(inputs, k => x.RowSpan<float>(row)[k], k => weight.Values.RowSpan<float>(column)[k]));
            report.AddBytes(name, error, Tolerance(inputs), 16.0 * inputs * outputs, timing);
            bench.Clear();
        }
    }

    private static double Tolerance(int terms) => 1e-7 * Math.Sqrt(terms + 4);

    private static double Dot(int count, Func<int, float> left, Func<int, float> right)
    {
        double sum = 0;
        for (int k = 0; k < count; k++)
        {
            sum += (double)left(k) * right(k);
        }

        return sum;
    }

    /// <summary>Relative L2 distance of some rows, spread over all, from what float64 gives.</summary>
    private static double Error(Tensor result, Func<int, int, double> expected)
    {
        double difference = 0, norm = 0;
        int step = Math.Max(1, result.Rows / CheckedRows);
        for (int row = 0; row < result.Rows; row += step)
        {
            for (int column = 0; column < result.Columns; column++)
            {
                double value = expected(row, column);
                double found = result.RowSpan<float>(row)[column];
                difference += (found - value) * (found - value);
                norm += value * value;
            }
        }

        return Math.Sqrt(difference / norm);
    }
}
