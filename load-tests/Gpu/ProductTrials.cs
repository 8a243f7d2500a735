using System.Runtime.InteropServices;
using Actors.Gpu.Backend;
using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.Gpu.Operations.Products;
using Actors.LoadTests.Measuring;
using Actors.LoadTests.Reporting;
using Actors.Tensors;
using Actors.Tensors.Formats;

namespace Actors.LoadTests.Gpu;

/// <summary>
/// Products: elements drawn at random are checked against sums in float64 on the host, then calls are timed; those of bfloat16 beside cuBLASLt's dense
/// product of as many rows in the same run. Weights that the L2 cache could hold are read from several copies in turns.
/// </summary>
internal sealed class ProductTrials(GpuBench bench, List<Figure> figures)
{
    private const int CheckedElements = 200;
    private const long TurnBytes = 1L << 28;

    /// <summary>
    /// Of the sum of the absolute terms: rounding of partial sums of thousands of terms. Tensor cores cut partial sums off instead, always towards zero.
    /// </summary>
    private const double SumTolerance = 1e-6, CutSumTolerance = 4e-6;

    /// <summary>One code of bfloat16's 8 bits: where the sum lies beside the middle of two codes, either is right.</summary>
    private const double BFloat16Tolerance = 1.0 / 128;

    private readonly Random _random = new(11);
    private readonly Float32Products _float32 = new(bench.Library);
    private readonly BFloat16Products _bfloat16 = new(bench.Library);

    /// <summary>Measures all shapes.</summary>
    public void Run()
    {
        using var library = new DenseProducts(bench.Queue);
        using var scratch = new CudaScratch(bench.Context);
        foreach (ProductShape shape in ProductShape.Measured())
        {
            double libraryRate = shape.Type == ElementType.BFloat16
                ? Measure(shape with { Groups = 1 }, "cuBLASLt", product => library.TryMultiply(shape.Form, product), libraryRate: 0)
                : 0;
            Measure(shape, "own", product => Multiply(shape, product, scratch), libraryRate);
        }
    }

    private bool Multiply(ProductShape shape, Product product, CudaScratch scratch)
    {
        switch (shape.Form, shape.Type)
        {
            case (ProductForm.BackwardWeight, ElementType.Float32):
                _float32.OverRows(bench.Queue, product, scratch);
                break;
            case (ProductForm.BackwardWeight, _):
                _bfloat16.OverRows(bench.Queue, product, scratch);
                break;
            case (_, ElementType.Float32):
                _float32.OfRows(bench.Queue, shape.Form, product);
                break;
            default:
                _bfloat16.OfRows(bench.Queue, shape.Form, product);
                break;
        }

        return true;
    }

    /// <summary>Checks one call, then times calls.</summary>
    /// <returns>Operations a second; 0: the library does not take the product.</returns>
    private double Measure(ProductShape shape, string by, Func<Product, bool> multiply, double libraryRate)
    {
        string name = $"{shape}, {by}";
        bool isOverRows = shape.Form == ProductForm.BackwardWeight;
        int[] offsets = Offsets(shape);
        var a = new RepeatedNumbers(bench, shape.Rows, shape.Form == ProductForm.Forward ? shape.Inputs : shape.Outputs, shape.Type);
        long rightRows = isOverRows ? shape.Rows : (long)shape.Groups * shape.Outputs;
        long rightBytes = rightRows * shape.Inputs * shape.Type.SizeInBytes();
        var b = new RepeatedNumbers[isOverRows ? 1 : (int)((TurnBytes / rightBytes) + 1)];
        for (int turn = 0; turn < b.Length; turn++)
        {
            b[turn] = new RepeatedNumbers(bench, rightRows, shape.Inputs, shape.Type);
        }

        long resultRows = isOverRows ? (long)shape.Groups * shape.Outputs : shape.Rows;
        DeviceMemory result = bench.Poisoned(resultRows * shape.ResultColumns * shape.ResultType.SizeInBytes());
        var product = new Product
        {
            A = a.View,
            B = b[0].View,
            Result = new RowView(result.Address, shape.ResultColumns),
            Offsets = shape.Groups > 1 ? bench.Upload(offsets).Address : 0,
            Groups = shape.Groups,
            Rows = isOverRows ? shape.Outputs : shape.Rows,
            Columns = shape.ResultColumns,
            Depth = shape.Depth,
            ResultIsFloat32 = shape.ResultType == ElementType.Float32 ? 1 : 0,
        };
        if (!multiply(product))
        {
            bench.Clear();
            return 0;
        }

        Check(name, shape, offsets, a, b[0], result.Address, resultRows);
        int next = 0;
        Spread seconds = bench.Time(() => multiply(product with { B = b[next++ % b.Length].View }));
        double operations = shape.Operations;
        figures.Add(new Figure(name, "microseconds", seconds.Times(1e6), 1));
        figures.Add(new Figure(name, "TFLOPS", seconds.RateOf(operations * 1e-12), 1));
        if (shape.Rows / shape.Groups <= ProductShape.FewRows)
        {
            figures.Add(new Figure(name, "GB/s of weights", seconds.RateOf(rightBytes * 1e-9), 0));
        }

        if (libraryRate > 0)
        {
            figures.Add(new Figure(name, "of cuBLASLt's dense rate", seconds.RateOf(operations / libraryRate), 2));
        }

        bench.Clear();
        return operations / seconds.Median;
    }

    private void Check(string name, ProductShape shape, int[] offsets, RepeatedNumbers a, RepeatedNumbers b, nuint result, long resultRows)
    {
        int size = shape.ResultType.SizeInBytes();
        using var found = new PinnedMemory(bench.Context, CheckedElements * sizeof(float));
        var places = new (long Row, int Column)[CheckedElements];
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = (_random.NextInt64(resultRows), _random.Next(shape.ResultColumns));
            long at = (places[i].Row * shape.ResultColumns) + places[i].Column;
            bench.Queue.Copy(found.Address + (nuint)(i * size), result + (nuint)(at * size), size);
        }

        bench.Queue.Drain();
        for (int i = 0; i < places.Length; i++)
        {
            (long row, int column) = places[i];
            (double sum, double absolute) = Expected(shape, offsets, a, b, row, column);
            double got = size == sizeof(float)
                ? MemoryMarshal.Cast<byte, float>(found.Span)[i]
                : BFloat16.ToSingle(MemoryMarshal.Cast<byte, ushort>(found.Span)[i]);
            double tolerance = ((shape.Type == ElementType.Float32 ? SumTolerance : CutSumTolerance) * absolute) + (size == sizeof(float) ? 0 : BFloat16Tolerance * Math.Abs(sum));
            if (!(Math.Abs(got - sum) <= tolerance))
            {
                throw new CheckFailedException($"{name}: row {row}, column {column} is {got:R} and must be {sum:R}.");
            }
        }
    }

    /// <summary>An element and the sum of its absolute terms.</summary>
    private static (double Sum, double Absolute) Expected(ProductShape shape, int[] offsets, RepeatedNumbers a, RepeatedNumbers b, long row, int column)
    {
        bool isOverRows = shape.Form == ProductForm.BackwardWeight;
        int group = isOverRows ? (int)(row / shape.Outputs) : Array.FindLastIndex(offsets, first => first <= row);
        group = Math.Min(group, shape.Groups - 1);
        (int begin, int end) = isOverRows ? (offsets[group], offsets[group + 1]) : (0, shape.Depth);
        double sum = 0, absolute = 0;
        for (int k = begin; k < end; k++)
        {
            double term = shape.Form switch
            {
                ProductForm.Forward => (double)a.At(row, k) * b.At(((long)group * shape.Outputs) + column, k),
                ProductForm.BackwardInput => (double)a.At(row, k) * b.At(((long)group * shape.Outputs) + k, column),
                _ => (double)a.At(k, (int)(row % shape.Outputs)) * b.At(k, column),
            };
            sum += term;
            absolute += Math.Abs(term);
        }

        return (sum, absolute);
    }

    /// <summary>Groups of almost as many rows each: none ends where a tile does.</summary>
    private static int[] Offsets(ProductShape shape)
    {
        var offsets = new int[shape.Groups + 1];
        for (int group = 1; group < shape.Groups; group++)
        {
            offsets[group] = (int)((long)shape.Rows * group / shape.Groups) + (group % 2 * (shape.Rows / shape.Groups / 8));
        }

        offsets[^1] = shape.Rows;
        return offsets;
    }
}
