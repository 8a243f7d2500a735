using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

/// <summary>Numbers worked out by hand, for what the finite differences do not cover.</summary>
public sealed class ScalarReferenceFacts
{
    [Fact]
    public void The_first_AdamW_step_moves_by_the_learning_rate_against_the_gradients_sign_after_decay()
    {
        using var bench = Workbench.Scalar();
        Tensor values = bench.Floats(1, 3, 2, -4, 1);
        Tensor first = bench.Zeros(1, 3);
        Tensor second = bench.Zeros(1, 3);
        var step = new AdamWStep(0.01f, 0.9f, 0.95f, 1e-8f, 0.5f, Step: 1, GradientScale: 0.5f);
        bench.Stream.AdamW(values, bench.Floats(1, 3, 8, -2, 0), first, second, step);

        // Decay by 1 − 0.01 · 0.5; the corrected moments are g and g², so the step is 0.01 · g / |g|.
        AssertNear([2 * 0.995f - 0.01f, -4 * 0.995f + 0.01f, 0.995f], bench.Read(values));
        AssertNear([0.4f, -0.1f, 0], bench.Read(first));
        AssertNear([0.05f * 16, 0.05f, 0], bench.Read(second));
    }

    [Fact]
    public void Two_AdamW_steps_correct_the_bias_of_both_moments()
    {
        using var bench = Workbench.Scalar();
        Tensor values = bench.Floats(1, 1, 1);
        Tensor first = bench.Zeros(1, 1);
        Tensor second = bench.Zeros(1, 1);
        var step = new AdamWStep(0.1f, 0.5f, 0.75f, 0, 0, Step: 1, GradientScale: 1);
        bench.Stream.AdamW(values, bench.Floats(1, 1, 1), first, second, step);
        bench.Stream.AdamW(values, bench.Floats(1, 1, 3), first, second, step with { Step = 2 });

        // m = (0.5 + 3) / 2 = 1.75, / 0.75; v = 0.75 · 0.25 + 0.25 · 9 = 2.4375, / 0.4375.
        double expected = 0.9 - 0.1 * (1.75 / 0.75) / Math.Sqrt(2.4375 / 0.4375);
        AssertNear([(float)expected], bench.Read(values));
    }

    [Fact]
    public void Cross_entropy_of_equal_logits_is_the_logarithm_of_the_vocabulary()
    {
        using var bench = Workbench.Scalar();
        Tensor losses = bench.Floats(1, 2, 9, 9);
        bench.Stream.CrossEntropy(bench.Zeros(2, 10), bench.Ints(1, 2, 3, -1), 1, losses, dLogits: default);
        AssertNear([MathF.Log(10), 0], bench.Read(losses));
    }

    [Fact]
    public void Large_logits_do_not_overflow()
    {
        using var bench = Workbench.Scalar();
        Tensor losses = bench.Zeros(1, 1);
        bench.Stream.CrossEntropy(bench.Floats(1, 2, 1e5f, -1e5f), bench.Ints(1, 1, 1), 1, losses, dLogits: default);
        AssertNear([2e5f], bench.Read(losses));
    }

    [Fact]
    public void Choices_come_by_falling_corrected_score_and_weights_without_the_bias()
    {
        using var bench = Workbench.Scalar();
        Tensor experts = bench.Ints(1, 2, 9, 9);
        Tensor weights = bench.Zeros(1, 2);
        Tensor logits = bench.Floats(1, 4, 0, MathF.Log(3), 0, 0);
        Tensor bias = bench.Floats(1, 4, 0, 0, 0.5f, 0.1f);
        bench.Stream.ChooseExperts(logits, bias, new GateShape(1, 1, 2, true, 2), bench.Zeros(1, 4), experts, weights);

        // s = ½, ¾, ½, ½; c = 0.5, 0.75, 1, 0.6.
        Assert.Equal([2, 1], bench.ReadInts(experts));
        AssertNear([2 * 0.5f / 1.25f, 2 * 0.75f / 1.25f], bench.Read(weights));
    }

    [Fact]
    public void Rope_turns_the_last_pairs_of_each_head_in_place()
    {
        using var bench = Workbench.Scalar();
        Tensor x = bench.Floats(1, 6, 7, 1, 0, 8, 0, 1);
        bench.Stream.Rope(x, 2, bench.Ints(1, 1, 1), bench.Floats(2, 1, 1, 0), bench.Floats(2, 1, 0, 1), inverse: false);
        AssertNear([7, 0, 1, 8, -1, 0], bench.Read(x));
    }

    private static void AssertNear(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            // A few float32 roundings of each value.
            Assert.Equal(expected[i], found[i], 1e-6f * MathF.Max(1, MathF.Abs(expected[i])));
        }
    }
}
