using Actors.Gpu.Operations;
using Actors.Tensors;
using static Actors.LoadTests.Gpu.KernelTimer;

namespace Actors.LoadTests.Gpu;

/// <summary>Sums and SwiGLU.</summary>
internal sealed class ElementwiseTrials(GpuBench bench, KernelTimer timer, int rows, int columns, ElementType type)
{
    private readonly ElementwiseKernels _kernels = new(bench.Library, type);
    private readonly long _bytes = (long)rows * columns * type.SizeInBytes();
    private readonly RowCount _rows = new(0, rows);

    public void Run()
    {
        Add();
        SwiGlu();
        SwiGluBackward();
    }

    private void Add()
    {
        float[] a = bench.Numbers(rows * columns, type, 2), b = bench.Numbers(rows * columns, type, 2);
        float[] expected = new float[a.Length];
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] = GpuBench.Stored(a[i] + b[i], type);
        }

        string name = $"add {type}";
        timer.Measure(
            name, 3 * _bytes, () => [bench.Upload(a, type), bench.Upload(b, type), bench.Poisoned(_bytes)],
            set => _kernels.Add(bench.Queue, View(set[0], columns), View(set[1], columns), View(set[2], columns), _rows, columns),
            set => Check(name, expected, bench.Download(set[2], type), columns, type));
    }

    private void SwiGlu()
    {
        float[] gateUp = bench.Numbers(rows * 2 * columns, type, 16);
        float[] expected = new float[rows * columns];
        for (int i = 0; i < expected.Length; i++)
        {
            (float gate, float up) = At(gateUp, i);
            expected[i] = GpuBench.Stored(gate / (1 + MathF.Exp(-gate)) * up, type);
        }

        string name = $"swiglu {type}";
        timer.Measure(
            name, 3 * _bytes, () => [bench.Upload(gateUp, type), bench.Poisoned(_bytes)],
            set => _kernels.SwiGlu(bench.Queue, View(set[0], 2 * columns), View(set[1], columns), _rows, columns),
            set => Check(name, expected, bench.Download(set[1], type), columns, type));
    }

    private void SwiGluBackward()
    {
        float[] gateUp = bench.Numbers(rows * 2 * columns, type, 16), dy = bench.Numbers(rows * columns, type, 2);
        float[] weights = bench.Numbers(rows, ElementType.Float32, 2);
        float[] dGateUp = new float[gateUp.Length], weighted = new float[dy.Length], dWeights = new float[rows];
        for (int row = 0; row < rows; row++)
        {
            double weight = weights[row], sum = 0;
            for (int i = row * columns; i < (row + 1) * columns; i++)
            {
                (float gate, float up) = At(gateUp, i);
                double sigmoid = 1 / (1 + Math.Exp(-gate)), silu = gate * sigmoid, slope = sigmoid * (1 + (gate * (1 - sigmoid)));
                int place = (row * columns) + i;
                dGateUp[place] = GpuBench.Stored((float)(weight * dy[i] * up * slope), type);
                dGateUp[place + columns] = GpuBench.Stored((float)(weight * dy[i] * silu), type);
                weighted[i] = GpuBench.Stored((float)(weight * silu * up), type);
                sum += dy[i] * silu * up;
            }

            dWeights[row] = (float)sum;
        }

        string name = $"swiglu backward {type}";
        timer.Measure(
            name, 6 * _bytes,
            () =>
            [
                bench.Upload(gateUp, type), bench.Upload(dy, type), bench.Upload(weights, ElementType.Float32), bench.Poisoned(2 * _bytes),
                bench.Poisoned(_bytes), bench.Poisoned(rows * sizeof(float)),
            ],
            set => _kernels.SwiGluBackward(
                bench.Queue, View(set[0], 2 * columns), View(set[1], columns), set[2].Address, View(set[3], 2 * columns), View(set[4], columns), set[5].Address,
                _rows, columns),
            set =>
            {
                // The slope crosses 0: it is a difference of terms of about 1.
                Check($"{name}, dGateUp", dGateUp, bench.Download(set[3], type), 2 * columns, type, floor: 1);
                Check($"{name}, weighted", weighted, bench.Download(set[4], type), columns, type);
                Check($"{name}, dWeights", dWeights, bench.Download(set[5], ElementType.Float32), 1, ElementType.Float32, floor: 30 * Math.Sqrt(columns));
            });
    }

    /// <summary>Gate and up of element i of (rows, columns).</summary>
    private (float Gate, float Up) At(float[] gateUp, int i)
    {
        int place = (i / columns * columns) + i;
        return (gateUp[place], gateUp[place + columns]);
    }
}
