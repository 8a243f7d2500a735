using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.Tensors;
using Actors.Tensors.Formats;
using Actors.Tensors.Quantized;

namespace Actors.LoadTests.Gpu;

/// <summary>Quantization of rows of bfloat16: scales are checked to the bit, then calls are timed beside a copy of as many bytes.</summary>
internal sealed class QuantizedTrials(GpuBench bench, KernelTimer timer, int rows, int columns)
{
    private readonly QuantizeKernels _kernels = new(bench.Library, ElementType.BFloat16);
    private readonly TokenQuantization _transposition = new(bench.Library);
    private readonly float[] _x = bench.Numbers(rows * columns, ElementType.BFloat16, 4);
    private readonly TileCuts _cuts = new(columns);
    private readonly int _places = QuantizedTokens.Places(rows, 1);
    private readonly RowCount _count = new(0, rows);

    /// <summary>Measures all.</summary>
    public void Run()
    {
        long numbers = (long)rows * columns;
        timer.Measure("quantize rows", 3 * numbers, Make, Quantize, set => CheckScales("quantize rows", bench.Download(set[2], ElementType.Float32), alongRows: true));
        timer.Measure(
            "quantize tokens", 3 * numbers, Make, set => _kernels.Tokens(bench.Queue, Numbers(set), Tokens(set), ScaleKind.Float32, default),
            set => CheckScales("quantize tokens", bench.Download(set[4], ElementType.Float32), alongRows: false));
        timer.Measure(
            "requantize tokens", 2 * numbers,
            () =>
            {
                DeviceMemory[] set = Make();
                Quantize(set);
                return set;
            },
            set => _transposition.Enqueue(bench.Queue, Tiles(set), Tokens(set), ScaleKind.PowerOfTwo, default),
            set => CheckScales("requantize tokens", bench.Download(set[2], ElementType.Float32), alongRows: true));
        MeasureBlocks(numbers);
    }

    /// <summary>Matrices of float32 in blocks, codes as they are and transposed.</summary>
    private void MeasureBlocks(long numbers)
    {
        var kernels = new QuantizeKernels(bench.Library, ElementType.Float32);
        TileCuts outputs = new(rows);
        timer.Measure(
            "quantize blocks", 6 * numbers,
            () =>
            [
                bench.Upload(_x, ElementType.Float32), bench.Poisoned((long)rows * columns), bench.Poisoned((long)outputs.Count * _cuts.Count * sizeof(float)),
                bench.Poisoned((long)rows * columns),
            ],
            set => kernels.Matrices(
                bench.Queue, GpuBench.Rows(set[0].Address, rows, columns, ElementType.Float32),
                new QuantizedBlocks(
                    GpuBench.Rows(set[1].Address, rows, columns, ElementType.E4M3), GpuBench.Rows(set[2].Address, outputs.Count, _cuts.Count, ElementType.Float32), 1, outputs,
                    GpuBench.Rows(set[3].Address, columns, rows, ElementType.E4M3)),
                ScaleKind.Float32),
            set =>
            {
                float magnitude = 0;
                for (int row = 0; row < Math.Min(rows, TileCuts.TileElements); row++)
                {
                    for (int column = 0; column < Math.Min(columns, TileCuts.TileElements); column++)
                    {
                        magnitude = TileScale.Larger(magnitude, _x[(row * columns) + column]);
                    }
                }

                float scale = bench.Download(set[2], ElementType.Float32, 0, 1)[0];
                if (scale != TileScale.OfE4M3(magnitude, ScaleKind.Float32))
                {
                    throw new CheckFailedException($"quantize blocks: the first scale is {scale:R} and must be {TileScale.OfE4M3(magnitude, ScaleKind.Float32):R}.");
                }
            });
    }

    private DeviceMemory[] Make() =>
    [
        bench.Upload(_x, ElementType.BFloat16), bench.Poisoned((long)rows * columns), bench.Poisoned((long)rows * _cuts.Count * sizeof(float)),
        bench.Poisoned((long)columns * _places * TileCuts.TileElements), bench.Poisoned((long)_places * columns * sizeof(float)),
    ];

    private void Quantize(DeviceMemory[] set) => _kernels.Rows(bench.Queue, Numbers(set), Tiles(set), ScaleKind.Float32, _count);

    private Tensor Numbers(DeviceMemory[] set) => GpuBench.Rows(set[0].Address, rows, columns, ElementType.BFloat16);

    private QuantizedRows Tiles(DeviceMemory[] set) => new(
        GpuBench.Rows(set[1].Address, rows, columns, ElementType.E4M3), GpuBench.Rows(set[2].Address, rows, _cuts.Count, ElementType.Float32), _cuts);

    private QuantizedTokens Tokens(DeviceMemory[] set) => new(
        GpuBench.Rows(set[3].Address, columns, _places * TileCuts.TileElements, ElementType.E4M3),
        GpuBench.Rows(set[4].Address, _places, columns, ElementType.Float32), rows);

    /// <summary>Scales of tiles of 1 x 128, (rows, tiles), or of 128 x 1, (tiles, columns).</summary>
    private void CheckScales(string name, float[] scales, bool alongRows)
    {
        int width = alongRows ? _cuts.Count : columns, count = alongRows ? scales.Length : TileCuts.Covering(rows) * columns;
        for (int i = 0; i < count; i++)
        {
            int row = alongRows ? i / width : i / width * TileCuts.TileElements, column = alongRows ? i % width * TileCuts.TileElements : i % width;
            float magnitude = 0;
            for (int k = 0; k < TileCuts.TileElements && (alongRows ? column : row) + k < (alongRows ? columns : rows); k++)
            {
                magnitude = TileScale.Larger(magnitude, _x[(row * columns) + column + (alongRows ? k : k * columns)]);
            }

            if (scales[i] != TileScale.OfE4M3(magnitude, ScaleKind.Float32))
            {
                throw new CheckFailedException($"{name}: scale {i % width} of row {i / width} is {scales[i]:R} and must be {TileScale.OfE4M3(magnitude, ScaleKind.Float32):R}.");
            }
        }
    }
}
