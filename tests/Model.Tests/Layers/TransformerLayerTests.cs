using Actors.Cpu;
using Actors.Cpu.Rounded;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Tensors;
using Actors.Tensors.Formats;

namespace Actors.Model.Tests.Layers;

public sealed class TransformerLayerTests
{
    [Theory]
    [InlineData(ActivationMode.Kept)]
    [InlineData(ActivationMode.Recomputed)]
    public void Weight_gradients_may_wait_while_other_chunks_run(ActivationMode mode)
    {
        float[][] together = Run(mode, (a, b, gradients) =>
        {
            a.Forward();
            a.BackwardInput(gradients);
            a.BackwardWeights(gradients);
            b.Forward();
            b.BackwardInput(gradients);
            b.BackwardWeights(gradients);
        });
        float[][] apart = Run(mode, Interleaved);
        Assert.Equal(together, apart);
        Assert.All(together, values => Assert.Contains(values, value => value != 0));
    }

    [Fact]
    public void A_chunk_gives_the_same_bits_after_a_larger_one_over_the_same_scratch()
    {
        float[][] fresh = Run(ActivationMode.Kept, (a, _, gradients) => Play(a, gradients));
        float[][] reused = Run(ActivationMode.Kept, (a, b, gradients) =>
        {
            Play(b, gradients);
            gradients.All.AsSpan<float>().Clear();
            Play(a, gradients);
        });
        Assert.Equal(fresh[0], reused[0]);
        Assert.Equal(fresh[1], reused[1]);
        Assert.Equal(fresh[^1], reused[^1]);

        static void Play(LayerRun run, GradientSet gradients)
        {
            run.Forward();
            run.BackwardInput(gradients);
            run.BackwardWeights(gradients);
        }
    }

    [Theory]
    [InlineData("float32")]
    [InlineData("bfloat16")]
    [InlineData("fp8")]
    public void What_is_computed_again_has_the_bits_of_what_is_kept(string precision)
    {
        float[][] kept = Run(ActivationMode.Kept, Interleaved, () => Backend(precision), Fp8Models.Config);
        float[][] recomputed = Run(ActivationMode.Recomputed, Interleaved, () => Backend(precision), Fp8Models.Config);

        Assert.Equal(kept, recomputed);
    }

    /// <summary>
    /// E4M3 has 3 bits behind the binary point: a factor is 2^-4 off at most and about 2.6% in the mean square, a product of two 3.7%. On the longest way, of the input's gradient, there
    /// are nine such products in turn and E4M3 caches: 12% in the mean square if they add like noise, which is 0.7e-2 of the measure.
    /// </summary>
    [Fact]
    public void Products_in_FP8_come_near_those_in_bfloat16()
    {
        float[][] rounded = Run(ActivationMode.Kept, Interleaved, () => Backend("bfloat16"), Fp8Models.Config);
        float[][] quantized = Run(ActivationMode.Kept, Interleaved, () => Backend("fp8"), Fp8Models.Config);

        Assert.All(rounded.Zip(quantized), pair =>
        {
            double product = pair.First.Zip(pair.Second, (x, y) => 2.0 * x * y).Sum(), squares = pair.First.Concat(pair.Second).Sum(value => (double)value * value);
            Assert.InRange(1 - (product / squares), 1e-7, 1e-2);
        });
    }

    private static IBackend Backend(string precision) => precision switch
    {
        "bfloat16" => new RoundedBackend(new CpuBackend()),
        "fp8" => new RoundedBackend(new CpuBackend(), Precision.Fp8),
        _ => new CpuBackend(),
    };

    private static void Interleaved(LayerRun a, LayerRun b, GradientSet gradients)
    {
        a.Forward();
        b.Forward();
        a.BackwardInput(gradients);
        b.BackwardInput(gradients);
        a.BackwardWeights(gradients);
        b.BackwardWeights(gradients);
    }

    /// <summary>Outputs and input gradients of two chunks and all weight gradients, after <paramref name="play"/>.</summary>
    private static float[][] Run(ActivationMode mode, Action<LayerRun, LayerRun, GradientSet> play, Func<IBackend>? backend = null, ModelConfig? config = null)
    {
        using var model = new TinyModel(backend?.Invoke() ?? new CpuBackend(), config: config);
        using var rope = new RopeTables(model.Backend, model.Stream, model.Config, 16);
        using var temporaries = new LayerTemporaries(model.Backend, model.Config, 16);
        using var scratch = new AttentionScratch(model.Backend, model.Config, 16, mode, temporaries);
        LayerWeights weights = model.Weights.Layers[1];
        var layer = new TransformerLayer(model.Config, weights, rope, scratch);
        var experts = new RoutedExperts(weights.Experts[0], temporaries);
        using var gradients = new GradientSet(model.Backend, weights.Blocks().Concat([weights.Experts[0].GateUp, weights.Experts[0].Down]));
        gradients.Clear(model.Stream);
        using var a = new LayerRun(model, layer, experts, mode, [4, 3], seed: 1);
        using var b = new LayerRun(model, layer, experts, mode, [9, 1, 5], seed: 5);
        play(a, b, gradients);
        return
        [
            Values(a.Output),
            Values(a.InputGradient),
            Values(b.Output),
            Values(b.InputGradient),
            gradients.All.AsSpan<float>().ToArray(),
        ];
    }

    private static float[] Values(Tensor tensor)
    {
        if (tensor.Type == ElementType.Float32)
        {
            return tensor.AsSpan<float>().ToArray();
        }

        var values = new float[tensor.Count];
        BFloat16.ToSingle(tensor.AsSpan<ushort>(), values);
        return values;
    }
}
