using Actors.Cpu;
using Actors.Model.Layers;
using Actors.Model.Parameters;

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
        float[][] apart = Run(mode, (a, b, gradients) =>
        {
            a.Forward();
            b.Forward();
            a.BackwardInput(gradients);
            b.BackwardInput(gradients);
            a.BackwardWeights(gradients);
            b.BackwardWeights(gradients);
        });
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

    /// <summary>Outputs and input gradients of two chunks and all weight gradients, after <paramref name="play"/>.</summary>
    private static float[][] Run(ActivationMode mode, Action<LayerRun, LayerRun, GradientSet> play)
    {
        using var model = new TinyModel(new CpuBackend());
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
            a.Output.AsSpan<float>().ToArray(),
            a.InputGradient.AsSpan<float>().ToArray(),
            b.Output.AsSpan<float>().ToArray(),
            b.InputGradient.AsSpan<float>().ToArray(),
            gradients.All.AsSpan<float>().ToArray(),
        ];
    }
}
