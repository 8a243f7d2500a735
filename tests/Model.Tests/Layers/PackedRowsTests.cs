using System.Runtime.InteropServices;
using Actors.Cpu;
using Actors.Cpu.Rounded;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Model.Tests.Layers;

/// <summary>Experts that get rows as codes give the bits of experts that get the rows which these were made of.</summary>
public sealed class PackedRowsTests : IDisposable
{
    private const int Rows = 7, Choices = 2;

    private readonly TinyModel _model = new(new RoundedBackend(new CpuBackend(), Precision.Fp8), config: Fp8Models.Config);
    private readonly LayerTemporaries _temporaries;
    private readonly RoutedExperts _experts;
    private readonly ExpertWeights _weights;
    private readonly Arena _arena;
    private readonly Tensor _choices, _factors;

    public PackedRowsTests()
    {
        _model.Weights.Prepare(_model.Stream);
        _temporaries = new LayerTemporaries(_model.Backend, _model.Config, Rows);
        _weights = _model.Weights.Layers[1].Experts[0];
        _experts = new RoutedExperts(_weights, _temporaries);
        _arena = new Arena(_model.Backend, 1 << 20);
        _choices = _arena.Take(Rows, Choices, ElementType.Int32);
        _factors = _arena.Take(Rows, Choices);
        _model.Stream.Upload(MemoryMarshal.AsBytes<int>([0, 1, 2, -1, 3, 0, -1, -1, 1, 2, 0, 3, 2, 1]), _choices);
        _model.Stream.Upload(MemoryMarshal.AsBytes<float>([.. Enumerable.Range(1, Rows * Choices).Select(i => i / 8f)]), _factors);
    }

    private int Hidden => _model.Config.HiddenSize;

    [Fact]
    public void Outputs_and_gradients_have_the_bits_of_rows()
    {
        Tensor rows = Filled(seed: 1), gradients = Filled(seed: 2);
        float[] plain = Run(rows, gradients), packed = Run(Packed(rows), Packed(gradients));

        Assert.Equal(plain, packed);
        Assert.Contains(plain, value => value != 0);
    }

    [Fact]
    public void Experts_that_take_no_codes_refuse_them()
    {
        using var model = new TinyModel(new RoundedBackend(new CpuBackend()), config: Fp8Models.Config);
        using var temporaries = new LayerTemporaries(model.Backend, model.Config, Rows);
        using var activations = new RoutedExpertsActivations(model.Backend);
        var experts = new RoutedExperts(model.Weights.Layers[1].Experts[0], temporaries);
        Tensor packed = Packed(Filled(seed: 1)), partial = Take(Hidden);

        Assert.Throws<TensorShapeException>(() => experts.Forward(model.Stream, activations, packed, _choices, localChoices: 11, _factors, partial));
    }

    public void Dispose()
    {
        _arena.Dispose();
        _temporaries.Dispose();
        _model.Dispose();
    }

    /// <summary>Sums, gradients of rows and of weights of choices, and weight gradients, one after the other.</summary>
    private float[] Run(Tensor rows, Tensor gradients)
    {
        using var activations = new RoutedExpertsActivations(_model.Backend);
        using var sums = new GradientSet(_model.Backend, [_weights.GateUp, _weights.Down]);
        sums.Begin();
        Tensor partial = Take(Hidden), received = Take(Hidden), factors = _arena.Take(Rows, Choices);
        _experts.Forward(_model.Stream, activations, rows, _choices, localChoices: 11, _factors, partial);
        _experts.BackwardInput(_model.Stream, activations, gradients, received, factors);
        _experts.BackwardWeights(_model.Stream, activations, sums);
        return
        [
            .. Floats(partial), .. Floats(received), .. factors.AsSpan<float>(), .. sums[_weights.GateUp].AsSpan<float>(), .. sums[_weights.Down].AsSpan<float>(),
        ];
    }

    private Tensor Packed(Tensor rows)
    {
        Tensor bytes = _arena.Take(Rows, PackedE4M3.BytesOf(Hidden), ElementType.E4M3);
        _model.Stream.QuantizeRows(rows, new PackedE4M3(bytes, Hidden).Rows, ScaleKind.PowerOfTwo);
        return bytes;
    }

    private Tensor Filled(int seed)
    {
        var random = new Random(seed);
        Tensor rows = Take(Hidden);
        foreach (ref ushort value in rows.AsSpan<ushort>())
        {
            value = (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle() - 0.5f) >> 16);
        }

        return rows;
    }

    private Tensor Take(int columns) => _arena.Take(Rows, columns, ElementType.BFloat16);

    private static IEnumerable<float> Floats(Tensor rows) => rows.AsSpan<ushort>().ToArray().Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16));
}
