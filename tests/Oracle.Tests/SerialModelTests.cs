using Actors.Cpu;
using Actors.Cpu.Scalar;
using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Tests.Support.Reference;

namespace Actors.Oracle.Tests;

public sealed class SerialModelTests
{
    private const int Length = 9;

    /// <summary>
    /// Along its own direction, where the slope is largest, each block's gradient is the slope of the loss. The loss carries
    /// about 1e-7 of rounding: over ±5e-4 that is 1e-4 of slope, below 1% of the gradients of this case, whose norms exceed
    /// 0.02. The loss jumps where a choice flips, so none may.
    /// </summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_gradient_is_the_slope_of_the_loss(string shape, ulong seed)
    {
        using var model = new TinyModel(new ScalarBackend(), 2, 1, seed, ShapeNamed(shape));
        using SerialEvaluator evaluator = Evaluator(model, sequences: 2, microBatches: 1, sources: 1, ActivationMode.Kept);
        int[] ids = TinyModel.Tokens(2 * Length, 3);
        IReadOnlyList<int[]> experts = evaluator.Run(ids).Experts;
        GradientSet gradients = evaluator.Gradients!;
        float[][] values = [.. gradients.Blocks.Select(block => gradients[block].AsSpan<float>().ToArray())];
        for (int b = 0; b < values.Length; b++)
        {
            double norm = Math.Sqrt(values[b].Sum(value => (double)value * value));
            Assert.True(norm > 0.02, $"{gradients.Blocks[b].Name} has a gradient of {norm}: the case does not test it.");
            const double Step = 5e-4;
            double slope = (LossAt(Step / norm) - LossAt(-Step / norm)) / (2 * Step);
            Assert.True(Math.Abs(slope - norm) <= 0.01 * norm, $"{gradients.Blocks[b].Name}: slope {slope}, gradient {norm}");

            double LossAt(double factor)
            {
                ParameterBlock block = gradients.Blocks[b];
                Span<float> target = block.Values.AsSpan<float>();
                float[] saved = target.ToArray();
                for (int i = 0; i < saved.Length; i++)
                {
                    target[i] = (float)(saved[i] + factor * values[b][i]);
                }

                Evaluation moved = evaluator.Run(ids);
                saved.CopyTo(target);
                Assert.Equal(Sets(experts, model.Config), Sets(moved.Experts, model.Config));
                return moved.Loss;
            }
        }
    }

    /// <summary>Only the order of sums differs: a few units in the last place of float32, at most the reference's tolerances.</summary>
    [Theory]
    [InlineData(2, 1, 1, 1)]
    [InlineData(2, 2, 2, 2)]
    [InlineData(4, 2, 2, 4)]
    [InlineData(8, 4, 4, 8)]
    [InlineData(8, 2, 1, 3)]
    public void Placements_and_cuts_differ_only_by_rounding(int ranks, int ranksPerNode, int microBatches, int sources)
    {
        (Evaluation expected, float[] gradients) = Run(1, 1, 1, 1, ActivationMode.Kept);
        (Evaluation result, float[] others) = Run(ranks, ranksPerNode, microBatches, sources, ActivationMode.Kept);
        Assert.Equal(expected.Experts, result.Experts);
        Assert.InRange(Distance.Largest(result.Logits, expected.Logits), 0, 2e-5);
        Assert.Equal(expected.Loss, result.Loss, 1e-6);
        Assert.InRange(Distance.Relative(others, gradients), 0, 1e-5);
    }

    [Fact]
    public void More_ranks_and_micro_batches_than_sequences_leave_chunks_empty_and_change_nothing_but_rounding()
    {
        (Evaluation expected, float[] gradients) = Run(4, 2, 1, 1, ActivationMode.Kept);
        (Evaluation result, float[] others) = Run(4, 2, 9, 4, ActivationMode.Kept);
        Assert.Equal(expected.Experts, result.Experts);
        Assert.Equal(expected.Logits, result.Logits);
        Assert.InRange(Distance.Relative(others, gradients), 0, 1e-5);
    }

    [Fact]
    public void Recomputing_changes_no_bit()
    {
        (Evaluation expected, float[] gradients) = Run(4, 2, 2, 2, ActivationMode.Kept);
        (Evaluation result, float[] others) = Run(4, 2, 2, 2, ActivationMode.Recomputed);
        Assert.Equal(expected.Logits, result.Logits);
        Assert.Equal(expected.Loss, result.Loss);
        Assert.Equal(gradients, others);
    }

    [Fact]
    public void Evaluating_without_a_backward_changes_no_bit()
    {
        (Evaluation expected, _) = Run(4, 2, 2, 2, ActivationMode.Kept);
        (Evaluation result, float[] none) = Run(4, 2, 2, 2, ActivationMode.ForwardOnly);
        Assert.Equal(expected.Logits, result.Logits);
        Assert.Equal(expected.Loss, result.Loss);
        Assert.Empty(none);
    }

    [Fact]
    public void A_sequence_gets_the_same_bits_whatever_stands_beside_it()
    {
        using var model = new TinyModel(new CpuBackend(), 4, 2);
        int[] ids = TinyModel.Tokens(5 * Length, 7);
        using SerialEvaluator all = Evaluator(model, sequences: 5, microBatches: 1, sources: 2, ActivationMode.ForwardOnly);
        using SerialEvaluator one = Evaluator(model, sequences: 1, microBatches: 1, sources: 1, ActivationMode.ForwardOnly);
        float[] logits = all.Run(ids).Logits;
        for (int s = 0; s < 5; s++)
        {
            int elements = Length * model.Config.VocabularySize;
            Assert.Equal(one.Run(ids.AsSpan(s * Length, Length)).Logits, logits.AsSpan(s * elements, elements).ToArray());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_micro_batch_allocates_nothing_once_its_buffers_have_grown(int modules)
    {
        using var model = new TinyModel(new CpuBackend(), 4, 2, config: TinyModel.DefaultConfig with { PredictLayers = modules });
        float[] scales = [.. Enumerable.Repeat(0.1f, 1 + modules)];
        var sums = new double[1 + modules];
        using var serial = new SerialModel(
            model.Backend, model.Stream, model.Weights, model.Placement, new SerialOptions(2, 2, Length, ActivationMode.Recomputed));
        using var gradients = new GradientSet(model.Backend, model.Weights.Blocks);
        gradients.Clear(model.Stream);
        int[] ids = TinyModel.Tokens(2 * Length, 4);
        MicroBatch();
        MicroBatch();
        long before = GC.GetAllocatedBytesForCurrentThread();
        MicroBatch();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void MicroBatch()
        {
            serial.SetChunk(0, ids, ids, Length);
            serial.SetChunk(1, ids.AsSpan(0, Length), ids.AsSpan(0, Length), Length);
            serial.Forward();
            serial.Loss(scales, sums);
            serial.Backward(gradients);
        }
    }

    [Fact]
    public void A_sequence_longer_than_planned_is_refused()
    {
        using var model = new TinyModel(new CpuBackend());
        using var serial = new SerialModel(
            model.Backend, model.Stream, model.Weights, model.Placement, new SerialOptions(1, 2, Length, ActivationMode.ForwardOnly));
        serial.SetChunk(0, TinyModel.Tokens(2 * Length, 1), [], 2 * Length);
        Assert.Contains($"position {2 * Length - 1}", Assert.Throws<ArgumentException>(serial.Forward).Message);
    }

    [Fact]
    public void A_token_outside_the_vocabulary_is_named()
    {
        using var model = new TinyModel(new CpuBackend());
        using SerialEvaluator evaluator = Evaluator(model, sequences: 1, microBatches: 1, sources: 1, ActivationMode.ForwardOnly);
        int[] ids = TinyModel.Tokens(Length, 1);
        ids[4] = 23;
        ArgumentException error = Assert.Throws<ArgumentException>(() => evaluator.Run(ids));
        Assert.Contains("Token 4 is 23", error.Message);
    }

    [Fact]
    public void Weights_in_other_ranges_than_the_placement_are_refused()
    {
        using var model = new TinyModel(new CpuBackend(), 2, 1);
        var other = new ExpertPlacement(model.Config.RoutedExperts, 4, 1);
        Assert.Throws<ArgumentException>(
            () => new SerialModel(model.Backend, model.Stream, model.Weights, other, new SerialOptions(1, 1, 4, ActivationMode.Kept)));
    }

    private static (Evaluation Result, float[] Gradients) Run(
        int ranks, int ranksPerNode, int microBatches, int sources, ActivationMode mode)
    {
        using var model = new TinyModel(new CpuBackend(), ranks, ranksPerNode);
        using SerialEvaluator evaluator = Evaluator(model, sequences: 6, microBatches, sources, mode);
        Evaluation result = evaluator.Run(TinyModel.Tokens(6 * Length, 11));
        return (result, evaluator.Gradients is { } gradients ? ByHubName(gradients) : []);
    }

    /// <summary>All gradients in the order of their hub names, which does not depend on the placement.</summary>
    private static float[] ByHubName(GradientSet gradients)
    {
        var parts = new SortedDictionary<string, float[]>(StringComparer.Ordinal);
        foreach (ParameterBlock block in gradients.Blocks)
        {
            foreach (HubTensor tensor in block.Tensors)
            {
                parts.Add(tensor.Name, ParameterBlock.View(gradients[block], tensor).AsSpan<float>().ToArray());
            }
        }

        return [.. parts.Values.SelectMany(values => values)];
    }

    public static TheoryData<string, ulong> Shapes() => new()
    {
        { "query LoRA", 5 },
        { "plain query", 8 },
        { "all dense", 1 },
        { "no dense layer, one expert a token, two shared", 1 },
        { "tied head", 3 },
        { "no shared expert", 4 },
        { "one expert a rank", 4 },
    };

    private static ModelConfig ShapeNamed(string shape) => shape switch
    {
        "query LoRA" => TinyModel.DefaultConfig,
        "plain query" => TinyModel.DefaultConfig with { QueryRank = null },
        "all dense" => TinyModel.DefaultConfig with { FirstDenseLayers = 3 },
        "tied head" => TinyModel.DefaultConfig with { TieWordEmbeddings = true },
        "no shared expert" => TinyModel.DefaultConfig with { SharedExperts = 0 },
        "one expert a rank" => TinyModel.DefaultConfig with
        {
            RoutedExperts = 2,
            ExpertGroups = 1,
            ExpertGroupsKept = 1,
            ExpertsPerToken = 1,
            NormalizeExpertWeights = false,
        },
        _ => TinyModel.DefaultConfig with
        {
            Layers = 2,
            FirstDenseLayers = 0,
            ExpertsPerToken = 1,
            SharedExperts = 2,
            ExpertGroups = 1,
            ExpertGroupsKept = 1,
            NormalizeExpertWeights = false,
        },
    };

    /// <summary>The chosen experts of every token in ascending order.</summary>
    private static int[] Sets(IReadOnlyList<int[]> layers, ModelConfig config) =>
        [.. layers.SelectMany(layer => layer.Chunk(config.ExpertsPerToken)).SelectMany(token => token.Order())];

    private static SerialEvaluator Evaluator(TinyModel model, int sequences, int microBatches, int sources, ActivationMode mode) =>
        new(model.Backend, model.Stream, model.Weights, model.Placement, new BatchPlan(sequences, microBatches, sources), Length, mode);
}
