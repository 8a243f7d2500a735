using Actors.Cpu;
using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Tests.Support.Reference;

namespace Actors.Oracle.Tests;

/// <summary>A model whose output head is its embedding, beside one with two equal matrices.</summary>
public sealed class TiedHeadTests
{
    private const int Length = 9;
    private const int Sequences = 4;

    private static readonly ModelConfig Tied = TinyModel.DefaultConfig with { TieWordEmbeddings = true };

    [Fact]
    public void Both_uses_are_one_block()
    {
        using var model = new TinyModel(new CpuBackend(), config: Tied);
        Assert.Same(model.Weights.Embedding, model.Weights.Head);
        Assert.Single(model.Weights.Blocks, block => block.Values.Count == (long)Tied.VocabularySize * Tied.HiddenSize);
        Assert.DoesNotContain(model.Weights.Blocks.SelectMany(block => block.Tensors), tensor => tensor.Name == "lm_head.weight");
    }

    [Fact]
    public void It_computes_what_equal_matrices_do_and_its_gradient_is_the_sum_of_theirs()
    {
        using var tied = new TinyModel(new CpuBackend(), 4, 2, config: Tied);
        using TinyModel apart = Apart(tied);
        (Evaluation one, GradientSet sum) = Evaluate(tied);
        (Evaluation two, GradientSet parts) = Evaluate(apart);

        Assert.Equal(two.Logits, one.Logits);
        Assert.Equal(two.Loss, one.Loss);
        float[] expected = [.. Values(parts, apart.Weights.Embedding!).Zip(Values(parts, apart.Weights.Head!), (a, b) => a + b)];
        Assert.InRange(Distance.Relative(Values(sum, tied.Weights.Embedding!), expected), 0, 1e-6);
        Assert.Equal(Values(parts, apart.Weights.FinalNorm!), Values(sum, tied.Weights.FinalNorm!));
    }

    [Fact]
    public void The_gradient_norm_counts_the_matrix_once()
    {
        using var model = new TinyModel(new CpuBackend(), config: Tied);
        using SerialTrainer trainer = Trainer(model);
        StepResult result = trainer.Step(TinyModel.Tokens(Sequences * (Length + 1), 4));
        double squares = trainer.Gradients.Blocks.Distinct().Sum(block => Values(trainer.Gradients, block).Sum(value => (double)value * value));
        Assert.Equal(Math.Sqrt(squares), result.GradientNorm, 1e-9);
    }

    [Fact]
    public void Training_lowers_the_loss_and_the_head_uses_the_new_values()
    {
        using var model = new TinyModel(new CpuBackend(), config: Tied);
        using SerialTrainer trainer = Trainer(model);
        int[] tokens = TinyModel.Tokens(Sequences * (Length + 1), 4);
        double first = trainer.Step(tokens).Loss;
        double last = first;
        for (int step = 0; step < 20; step++)
        {
            last = trainer.Step(tokens).Loss;
        }

        Assert.True(last < first - 0.5, $"{first} became {last}");
        using TinyModel apart = Apart(model);
        Assert.Equal(Evaluate(apart).Result.Logits, Evaluate(model).Result.Logits);
    }

    /// <summary>An untied model with the values of <paramref name="tied"/>.</summary>
    private static TinyModel Apart(TinyModel tied)
    {
        var apart = new TinyModel(new CpuBackend(), tied.Placement.Ranks, tied.Placement.RanksPerNode);
        foreach (ParameterBlock block in apart.Weights.Blocks)
        {
            ParameterBlock from = block == apart.Weights.Head ? tied.Weights.Head! : tied.Weights.Blocks.Single(other => other.Name == block.Name);
            from.Values.AsSpan<float>().CopyTo(block.Values.AsSpan<float>());
        }

        apart.Weights.Prepare(apart.Stream);
        return apart;
    }

    private static (Evaluation Result, GradientSet Gradients) Evaluate(TinyModel model)
    {
        var evaluator = new SerialEvaluator(
            model.Backend, model.Stream, model.Weights, model.Placement, new BatchPlan(Sequences, 2, 2), Length, ActivationMode.Kept);
        return (evaluator.Run(TinyModel.Tokens(Sequences * Length, 11)), evaluator.Gradients!);
    }

    private static SerialTrainer Trainer(TinyModel model) => new(
        model.Backend, model.Stream, model.Weights, model.Placement, new BatchPlan(Sequences, 2, 1), Length,
        TestOptimizer.At(1e-2));

    private static float[] Values(GradientSet gradients, ParameterBlock block) => gradients[block].AsSpan<float>().ToArray();
}
