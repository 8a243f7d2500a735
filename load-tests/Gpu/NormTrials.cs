using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.Tensors;
using static Actors.LoadTests.Gpu.KernelTimer;

namespace Actors.LoadTests.Gpu;

/// <summary>RMS norm.</summary>
internal sealed class NormTrials(GpuBench bench, KernelTimer timer, int rows, int columns, ElementType type)
{
    private readonly NormKernels _kernels = new(bench.Library, type);
    private readonly long _bytes = (long)rows * columns * type.SizeInBytes();
    private readonly RowCount _rows = new(0, rows);

    public void Run()
    {
        float[] x = bench.Numbers(rows * columns, type, 4), weight = bench.Numbers(columns, ElementType.Float32, 2), rstd = new float[rows];
        for (int row = 0; row < rows; row++)
        {
            double squares = 0;
            foreach (float value in x.AsSpan(row * columns, columns))
            {
                squares += (double)value * value;
            }

            rstd[row] = (float)(1 / Math.Sqrt((squares / columns) + 1e-6));
        }

        Norm(x, weight, rstd);
        Backward(x, weight, rstd);
    }

    private void Norm(float[] x, float[] weight, float[] rstd)
    {
        float[] expected = new float[x.Length];
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] = GpuBench.Stored((float)((double)x[i] * rstd[i / columns] * weight[i % columns]), type);
        }

        string name = $"rms norm {type}";
        timer.Measure(
            name, 2 * _bytes, () => [bench.Upload(x, type), bench.Upload(weight, ElementType.Float32), bench.Poisoned(_bytes)],
            set => _kernels.RmsNorm(bench.Queue, View(set[0], columns), set[1].Address, 1e-6f, View(set[2], columns), 0, _rows, columns),
            set => Check(name, expected, bench.Download(set[2], type), columns, type));
    }

    private void Backward(float[] x, float[] weight, float[] rstd)
    {
        float[] dy = bench.Numbers(x.Length, type, 2), addend = bench.Numbers(x.Length, type, 2), dx = new float[x.Length];
        var dWeight = new double[columns];
        for (int row = 0; row < rows; row++)
        {
            int first = row * columns;
            double inverse = rstd[row], products = 0;
            for (int i = 0; i < columns; i++)
            {
                products += (double)dy[first + i] * weight[i] * x[first + i];
                dWeight[i] += dy[first + i] * x[first + i] * inverse;
            }

            double pull = inverse * inverse * products / columns;
            for (int i = 0; i < columns; i++)
            {
                dx[first + i] = GpuBench.Stored((float)(addend[first + i] + (inverse * (((double)dy[first + i] * weight[i]) - (x[first + i] * pull)))), type);
            }
        }

        string name = $"rms norm backward {type}";
        DeviceMemory scratch = bench.Poisoned(NormKernels.BackwardBytes(rows, columns));
        timer.Measure(
            name, 4 * _bytes,
            () =>
            [
                bench.Upload(dy, type), bench.Upload(x, type), bench.Upload(weight, ElementType.Float32), bench.Upload(rstd, ElementType.Float32),
                bench.Upload(addend, type), bench.Poisoned(_bytes), bench.Upload(new float[columns], ElementType.Float32),
            ],
            set => _kernels.RmsNormBackward(
                bench.Queue, View(set[0], columns), View(set[1], columns), set[2].Address, set[3].Address, View(set[5], columns), set[6].Address,
                View(set[4], columns), scratch.Address, _rows, columns),
            set =>
            {
                Check($"{name}, dx", dx, bench.Download(set[5], type), columns, type, floor: 1);
                float[] sums = [.. dWeight.Select(sum => (float)sum)];
                Check($"{name}, dWeight", sums, bench.Download(set[6], ElementType.Float32), columns, ElementType.Float32, floor: Math.Sqrt(rows));
            });
    }
}
