using Actors.Tensors;

namespace Actors.Parity.Tests;

/// <summary>The balance loss and its gradient on every backend against equations 17 to 20 of the technical report, written out in float64.</summary>
public sealed class BalanceLossChecks
{
    private const int Experts = 6, Wanted = 2;
    private const float Scale = 0.5f;

    /// <summary>First rows of sequences of 4, 0 and 5 tokens, of which the last row has no choices.</summary>
    private static readonly int[] Starts = [0, 4, 4, 9];

    private readonly float[] _logits = FiniteDifferences.RandomPoint(new Random(20260), 9 * Experts, 2);

    public static TheoryData<string> BackendNames() => GradientChecks.BackendNames();

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Losses_are_those_of_the_formula(string backend)
    {
        (float[] losses, _) = Run(backend, _logits, Starts);
        double[] expected = [.. Enumerable.Range(0, 3).Select(sequence => LossOf(sequence, _logits, FractionsOf(sequence, _logits)))];
        Assert.Equal(0, losses[1]);
        for (int sequence = 0; sequence < 3; sequence++)
        {
            // Six scores are rounded, summed and divided.
            Assert.Equal(expected[sequence], losses[sequence], 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void The_gradient_is_that_of_finite_differences_with_constant_fractions(string backend)
    {
        double[][] fractions = [.. Enumerable.Range(0, 3).Select(sequence => FractionsOf(sequence, _logits))];
        double Loss(float[] logits) => Scale * Enumerable.Range(0, 3).Sum(sequence => LossOf(sequence, logits, fractions[sequence]));
        FiniteDifferences.AssertGradient("dLogits", (float[])_logits.Clone(), Loss, Run(backend, _logits, Starts).Gradient);
    }

    /// <summary>As automatic differentiation goes back: from P to s', through the division by the token's sum, through the sigmoid.</summary>
    [Theory]
    [MemberData(nameof(BackendNames))]
    public void The_gradient_is_that_of_the_chain_rule(string backend)
    {
        float[] gradient = Run(backend, _logits, Starts).Gradient;
        for (int sequence = 0; sequence < 3; sequence++)
        {
            double[] fractions = FractionsOf(sequence, _logits);
            foreach (int token in TokensOf(sequence))
            {
                double[] scores = ScoresOf(token, _logits);
                double sum = scores.Sum();
                double[] dShares = [.. fractions.Select(f => Scale * f / TokensOf(sequence).Count())];
                double common = Enumerable.Range(0, Experts).Sum(i => dShares[i] * scores[i] / (sum * sum));
                for (int i = 0; i < Experts; i++)
                {
                    double dScore = (dShares[i] / sum) - common;
                    Assert.Equal(dScore * scores[i] * (1 - scores[i]), gradient[(token * Experts) + i], 1e-7);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Rows_without_choices_have_no_gradient_and_what_was_there_stays(string backend)
    {
        float[] gradient = Run(backend, _logits, Starts, before: 3).Gradient;
        Assert.All(gradient[(8 * Experts)..], value => Assert.Equal(3, value));
        Assert.Equal(3 + Run(backend, _logits, Starts).Gradient[0], gradient[0], 3e-7);
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void A_sequence_has_the_same_bits_wherever_it_stands(string backend)
    {
        (float[] losses, float[] gradient) = Run(backend, _logits, Starts);
        (float[] alone, float[] gradientAlone) = Run(backend, _logits[(4 * Experts)..], [0, 5]);
        Assert.Equal(losses[2], alone[0]);
        Assert.Equal(gradient[(4 * Experts)..], gradientAlone);
    }

    /// <summary>Every token's scores are equal: the first two experts win every tie, and the loss is K · (E / K) / E.</summary>
    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Of_equal_scores_the_lowest_experts_count(string backend)
    {
        (float[] losses, float[] gradient) = Run(backend, new float[9 * Experts], Starts);
        Assert.Equal(1, losses[0], 1e-6);
        Assert.True(gradient[0] > 0 && gradient[1] > 0 && gradient[2] < 0);
    }

    private static (float[] Losses, float[] Gradient) Run(string backend, float[] logits, int[] starts, float before = 0)
    {
        int tokens = logits.Length / Experts;
        using var bench = new Workbench(Backends.Create(backend));
        int[] experts = new int[tokens * Wanted];
        experts.AsSpan((tokens - 1) * Wanted).Fill(-1);
        float[] gradient = new float[logits.Length];
        Array.Fill(gradient, before);
        Tensor losses = bench.Zeros(1, starts.Length - 1), dLogits = bench.Floats(tokens, Experts, gradient);
        float[] scores = [.. logits.Select(logit => (float)(1 / (1 + Math.Exp(-logit))))];
        bench.Stream.BalanceLoss(
            bench.Floats(tokens, Experts, scores), bench.Ints(tokens, Wanted, experts), bench.Ints(1, starts.Length, starts), Scale, losses, dLogits);
        return (bench.Read(losses), bench.Read(dLogits));
    }

    /// <summary>The tokens with choices.</summary>
    private static IEnumerable<int> TokensOf(int sequence) => Enumerable.Range(Starts[sequence], Starts[sequence + 1] - Starts[sequence]).Where(token => token < 8);

    private static double[] ScoresOf(int token, float[] logits) => [.. logits.AsSpan(token * Experts, Experts).ToArray().Select(logit => 1 / (1 + Math.Exp(-logit)))];

    /// <summary>f, from the scores alone.</summary>
    private static double[] FractionsOf(int sequence, float[] logits)
    {
        int tokens = TokensOf(sequence).Count();
        var fractions = new double[Experts];
        foreach (int token in TokensOf(sequence))
        {
            double[] scores = ScoresOf(token, logits);
            foreach (int expert in Enumerable.Range(0, Experts).OrderByDescending(i => scores[i]).Take(Wanted))
            {
                fractions[expert] += (double)Experts / (Wanted * tokens);
            }
        }

        return fractions;
    }

    private static double LossOf(int sequence, float[] logits, double[] fractions)
    {
        double loss = 0;
        int tokens = TokensOf(sequence).Count();
        for (int i = 0; i < Experts; i++)
        {
            double share = 0;
            foreach (int token in TokensOf(sequence))
            {
                double[] scores = ScoresOf(token, logits);
                share += scores[i] / scores.Sum() / tokens;
            }

            loss += fractions[i] * share;
        }

        return loss;
    }
}
