using System.Runtime.InteropServices;
using Actors.Cpu;
using Actors.Cpu.Rounded;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Tensors;
using Actors.Tensors.Formats;
using Actors.Tensors.Quantized;

namespace Actors.Model.Tests.Layers;

/// <summary>Which products a linear layer computes in FP8, and of what: compared with float64 products of operands that the test quantizes itself.</summary>
public sealed class ProjectionTests : IDisposable
{
    private const int Rows = 150, Hidden = 256, Inner = 128;

    /// <summary>
    /// Error measure of a product against the exact product of the same codes and scales: float32 sums of 150 to 256 products, stored in bfloat16 (2^-9 relative
    /// at most, so 2^-19 for the measure, which is half the square of the relative error).
    /// </summary>
    private const double Tolerance = 2e-6;

    private readonly RoundedBackend _backend = new(new CpuBackend(), Precision.Fp8);
    private readonly IStream _stream;
    private readonly ModelWeights _weights;
    private readonly WarmPool<QuantizedScratch> _scratch;
    private readonly Arena _arena;

    public ProjectionTests()
    {
        _stream = _backend.CreateStream("projection");
        _weights = new ModelWeights(_backend, Fp8Models.Config, ModelPart.Whole(Fp8Models.Config, new ExpertPlacement(Fp8Models.Config.RoutedExperts, 1, 1)));
        _weights.Initialize(_stream, seed: 3);
        _scratch = new WarmPool<QuantizedScratch>(() => new QuantizedScratch(_backend));
        _arena = new Arena(_backend, 1 << 22);
    }

    [Fact]
    public void Matrices_of_layers_are_quantized_where_their_sums_fill_tiles_and_nothing_else_is()
    {
        string[] quantized = [.. _weights.Blocks.Where(block => block.Quantized is not null).Select(block => block.Name).Order()];
        string layer = "model.layers.1";
        Assert.Equal(
            [
                $"{layer}.mlp.experts.0-3.down_proj", $"{layer}.mlp.experts.0-3.gate_up_proj", $"{layer}.mlp.shared_experts.down_proj",
                $"{layer}.mlp.shared_experts.gate_up_proj", $"{layer}.self_attn.o_proj", $"{layer}.self_attn.q_a_kv_a_proj", $"{layer}.self_attn.q_b_proj",
            ],
            quantized.Where(name => name.StartsWith(layer, StringComparison.Ordinal)));
        Assert.Equal([("kv_b_proj", 64)], UnquantizedMatrices.Of(Fp8Models.Config, Precision.Fp8));
        Assert.Empty(UnquantizedMatrices.Of(Fp8Models.Config, Precision.BFloat16));
        Assert.DoesNotContain(quantized, name => name.Contains("embed", StringComparison.Ordinal) || name.Contains("head", StringComparison.Ordinal) || name.Contains("mlp.gate.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_pair_of_tensors_has_blocks_that_begin_with_each_of_them()
    {
        QuantizedBlocks codes = _weights.Layers[1].Down.Quantized!.Value;

        Assert.Equal(new TileCuts(128 + 64 + 16, 128), codes.RowCuts);
        Assert.Equal(2, codes.Scales.Rows);
        Assert.Equal(new TileCuts(2 * Inner, Inner), _weights.Layers[1].Experts[0].GateUp.Quantized!.Value.RowCuts);
    }

    [Fact]
    public void Its_three_products_take_codes_of_rows_of_blocks_and_of_tokens()
    {
        ParameterBlock block = _weights.Layers[1].GateUp!;
        var projection = new Projection(block, _scratch);
        Tensor x = Filled(Rows, Hidden, seed: 1), dy = Filled(Rows, 2 * Inner, seed: 2);
        Tensor y = Take(Rows, 2 * Inner), dx = Take(Rows, Hidden);
        var kept = new QuantizedRows(_arena.Take(Rows, Hidden, ElementType.E4M3), _arena.Take(Rows, 2), new TileCuts(Hidden));
        using var gradients = new GradientSet(_backend, [block]);
        gradients.Begin();

        projection.Forward(_stream, x, y, kept: kept);
        projection.BackwardInput(_stream, dy, dx);
        projection.BackwardWeight(_stream, new ProductRows(dy), new ProductRows(default, kept), gradients);

        double[,] weight = Quantized(Values(block.Values), 128, 128), input = Quantized(Values(x), 1, 128), gradient = Values(dy);
        AssertNear(Product(input, Transposed(weight)), Values(y));
        AssertNear(Product(Quantized(gradient, 1, 128), weight), Values(dx));
        AssertNear(Product(Transposed(Quantized(gradient, 128, 1)), Quantized(input, 128, 1)), Values(gradients[block]));
    }

    [Fact]
    public void The_codes_follow_the_values()
    {
        ParameterBlock block = _weights.Layers[1].Output;
        byte[] before = block.Quantized!.Value.Codes.AsSpan<byte>().ToArray();
        foreach (ref float value in block.Values.AsSpan<float>())
        {
            value *= -1;
        }

        block.Prepare(_stream);

        byte[] after = block.Quantized.Value.Codes.AsSpan<byte>().ToArray();
        Assert.Equal(before.Select(code => (byte)(code ^ 0x80)), after);
    }

    public void Dispose()
    {
        _arena.Dispose();
        _scratch.Dispose();
        _weights.Dispose();
        _stream.Dispose();
        _backend.Dispose();
    }

    private static void AssertNear(double[,] expected, double[,] actual)
    {
        double product = 0, squares = 0;
        for (int row = 0; row < expected.GetLength(0); row++)
        {
            for (int column = 0; column < expected.GetLength(1); column++)
            {
                (double e, double a) = (expected[row, column], actual[row, column]);
                (product, squares) = (product + (2 * e * a), squares + (e * e) + (a * a));
            }
        }

        Assert.True(squares > 0);
        Assert.InRange(1 - (product / squares), -1e-12, Tolerance);
    }

    /// <summary>Values after a rounding to E4M3 in blocks.</summary>
    private static double[,] Quantized(double[,] values, int blockRows, int blockColumns)
    {
        var result = (double[,])values.Clone();
        for (int top = 0; top < values.GetLength(0); top += blockRows)
        {
            for (int left = 0; left < values.GetLength(1); left += blockColumns)
            {
                int bottom = Math.Min(top + blockRows, values.GetLength(0)), right = Math.Min(left + blockColumns, values.GetLength(1));
                float largest = 1e-4f;
                ForAll((row, column) => largest = Math.Max(largest, Math.Abs((float)values[row, column])));
                float scale = largest / 448;
                ForAll((row, column) => result[row, column] = (double)E4M3.ToSingle(E4M3.FromSingleSaturating((float)values[row, column] / scale)) * scale);

                void ForAll(Action<int, int> visit)
                {
                    for (int row = top; row < bottom; row++)
                    {
                        for (int column = left; column < right; column++)
                        {
                            visit(row, column);
                        }
                    }
                }
            }
        }

        return result;
    }

    private static double[,] Transposed(double[,] values)
    {
        var result = new double[values.GetLength(1), values.GetLength(0)];
        for (int row = 0; row < values.GetLength(0); row++)
        {
            for (int column = 0; column < values.GetLength(1); column++)
            {
                result[column, row] = values[row, column];
            }
        }

        return result;
    }

    private static double[,] Product(double[,] a, double[,] b)
    {
        var result = new double[a.GetLength(0), b.GetLength(1)];
        for (int row = 0; row < a.GetLength(0); row++)
        {
            for (int k = 0; k < b.GetLength(0); k++)
            {
                for (int column = 0; column < b.GetLength(1); column++)
                {
                    result[row, column] += a[row, k] * b[k, column];
                }
            }
        }

        return result;
    }

    private static double[,] Values(Tensor tensor)
    {
        var values = new double[tensor.Rows, tensor.Columns];
        for (int row = 0; row < tensor.Rows; row++)
        {
            for (int column = 0; column < tensor.Columns; column++)
            {
                values[row, column] = tensor.Type == ElementType.Float32
                    ? tensor.RowSpan<float>(row)[column]
                    : BitConverter.UInt32BitsToSingle((uint)tensor.RowSpan<ushort>(row)[column] << 16);
            }
        }

        return values;
    }

    private Tensor Take(int rows, int columns) => _arena.Take(rows, columns, ElementType.BFloat16);

    private Tensor Filled(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        Tensor tensor = Take(rows, columns);
        ushort[] values = [.. Enumerable.Range(0, rows * columns).Select(_ => (ushort)(BitConverter.SingleToUInt32Bits((random.NextSingle() - 0.5f) * MathF.Exp(random.NextSingle())) >> 16))];
        _stream.Upload(MemoryMarshal.AsBytes<ushort>(values), tensor);
        return tensor;
    }
}
