using System.Runtime.InteropServices;
using Actors.Gpu.Driver;
using Actors.Gpu.Operations.Products;
using Actors.LoadTests.Measuring;
using Actors.LoadTests.Reporting;
using Actors.Tensors;
using Actors.Tensors.Formats;
using Actors.Tensors.Quantized;

namespace Actors.LoadTests.Gpu;

/// <summary>Products of E4M3: elements of the forward one are checked against sums in float64 on the host, then calls of all three forms are timed.</summary>
internal sealed class QuantizedProductTrials(GpuBench bench, List<Figure> figures)
{
    private const int CheckedElements = 100;

    /// <summary>Of the sum of the absolute terms: tensor cores cut sums of 32 off below 2⁻¹³ of their largest term.</summary>
    private const double SumTolerance = 5e-4;

    private static readonly (int Rows, int Outputs, int Inputs, int Groups)[] Shapes =
        [(4096, 4096, 7168, 1), (4096, 7168, 2048, 1), (4096, 24576, 1536, 1), (32768, 4096, 7168, 8)];

    private readonly Random _random = new(13);
    private readonly QuantizedProducts _products = new(bench.Library);

    /// <summary>Measures all shapes.</summary>
    public void Run()
    {
        foreach ((int rows, int outputs, int inputs, int groups) in Shapes)
        {
            string name = $"{(groups == 1 ? "" : $"{groups} x ")}{rows / groups} rows, {outputs} x {inputs}, E4M3";
            Tensor offsets = groups == 1 ? default : GpuBench.Rows(
                bench.Upload([.. Enumerable.Range(0, groups + 1).Select(group => group * (rows / groups))]).Address, 1, groups + 1, ElementType.Int32);
            OfRows(name, rows, outputs, inputs, groups, offsets);
            OverRows(name, rows, outputs, inputs, groups, offsets);
        }
    }

    private void OfRows(string name, int rows, int outputs, int inputs, int groups, Tensor offsets)
    {
        TileCuts outputCuts = new(outputs), inputCuts = new(inputs);
        Numbers<byte> x = Codes(rows, inputs), dy = Codes(rows, outputs), w = Codes(groups * outputs, inputs), transposed = Codes(groups * inputs, outputs);
        Numbers<float> xScales = Scales(rows, inputCuts.Count), dyScales = Scales(rows, outputCuts.Count), wScales = Scales(groups * outputCuts.Count, inputCuts.Count);
        var weight = new QuantizedBlocks(w.Tensor, wScales.Tensor, groups, outputCuts, transposed.Tensor);
        DeviceMemory result = bench.Poisoned((long)rows * Math.Max(outputs, inputs) * sizeof(float));
        Tensor y = GpuBench.Rows(result.Address, rows, outputs, ElementType.Float32), dx = GpuBench.Rows(result.Address, rows, inputs, ElementType.Float32);
        var left = new QuantizedRows(x.Tensor, xScales.Tensor, inputCuts);
        _products.Forward(bench.Queue, left, weight, y, offsets, addend: default);
        for (int i = 0; i < CheckedElements; i++)
        {
            int row = _random.Next(rows), column = _random.Next(outputs), group = row / (rows / groups);
            double sum = 0, absolute = 0;
            for (int k = 0; k < inputs; k++)
            {
                double scale = (double)xScales.Values[(row * inputCuts.Count) + (k / 128)] * wScales.Values[(((group * outputCuts.Count) + (column / 128)) * inputCuts.Count) + (k / 128)];
                double term = scale * E4M3.ToSingle(x.Values[(row * inputs) + k]) * E4M3.ToSingle(w.Values[(((group * outputs) + column) * inputs) + k]);
                sum += term;
                absolute += Math.Abs(term);
            }

            float found = bench.Download(result, ElementType.Float32, ((long)row * outputs) + column, 1)[0];
            if (!(Math.Abs(found - sum) <= SumTolerance * absolute))
            {
                throw new CheckFailedException($"{name}: row {row}, column {column} is {found:R} and must be {sum:R}.");
            }
        }

        double operations = 2.0 * rows * outputs * inputs;
        var gradients = new QuantizedRows(dy.Tensor, dyScales.Tensor, outputCuts);
        Report($"{name}: forward", operations, () => _products.Forward(bench.Queue, left, weight, y, offsets, addend: default));
        Report($"{name}: for input", operations, () => _products.BackwardInput(bench.Queue, gradients, weight, dx, offsets, addend: default));
    }

    private void OverRows(string name, int rows, int outputs, int inputs, int groups, Tensor offsets)
    {
        int places = QuantizedTokens.Places(rows, groups);
        QuantizedTokens dy = new(Codes(outputs, places * TileCuts.TileElements).Tensor, Scales(places, outputs).Tensor, rows);
        QuantizedTokens x = new(Codes(inputs, places * TileCuts.TileElements).Tensor, Scales(places, inputs).Tensor, rows);
        Tensor dWeight = GpuBench.Rows(bench.Poisoned((long)groups * outputs * inputs * sizeof(float)).Address, groups * outputs, inputs, ElementType.Float32);
        Report($"{name}: for weights", 2.0 * rows * outputs * inputs, () => _products.BackwardWeight(bench.Queue, dy, x, dWeight, accumulate: false, offsets));
        bench.Clear();
    }

    private void Report(string name, double operations, Action enqueue)
    {
        Spread seconds = bench.Time(enqueue);
        figures.Add(new Figure(name, "microseconds", seconds.Times(1e6), 1));
        figures.Add(new Figure(name, "TFLOPS", seconds.RateOf(operations * 1e-12), 1));
    }

    private Numbers<byte> Codes(int rows, int columns)
    {
        // Below the code of NaN, of both signs; a multiple of four, since memory is filled by floats.
        var codes = new byte[(long)rows * columns];
        _random.NextBytes(codes);
        for (int i = 0; i < codes.Length; i++)
        {
            codes[i] = (codes[i] & 0x7F) == 0x7F ? (byte)0 : codes[i];
        }

        DeviceMemory memory = bench.Upload(MemoryMarshal.Cast<byte, float>(codes), ElementType.Float32);
        return new Numbers<byte>(codes, GpuBench.Rows(memory.Address, rows, columns, ElementType.E4M3));
    }

    private Numbers<float> Scales(int rows, int columns)
    {
        float[] scales = bench.Numbers(rows * columns, ElementType.Float32, 1);
        return new Numbers<float>(scales, GpuBench.Rows(bench.Upload(scales, ElementType.Float32).Address, rows, columns, ElementType.Float32));
    }

    /// <summary>Numbers on the host and on the GPU.</summary>
    private readonly record struct Numbers<T>(T[] Values, Tensor Tensor);
}
