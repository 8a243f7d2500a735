using Actors.Cpu.Scalar;
using Actors.Model.Parameters;
using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Tensors;
using Actors.Tests.Support.Reference;
using Xunit.Abstractions;

namespace Actors.Runtime.Tests.Training;

/// <summary>
/// The actors against Hugging Face transformers at the project's tolerances, pipeline 2 × experts 4 in two nodes and others:
/// the reference's own float32 lies within 3e-6 of its float64 in logits, 1e-6 in loss, 1.5e-6 in gradients and 1.3e-6 in
/// training losses.
/// </summary>
public sealed class ReferenceThroughActors(ITestOutputHelper output)
{
    [Theory]
    [ReferenceData("tiny", 2, 4, 2)]
    [ReferenceData("plain", 2, 4, 2)]
    [ReferenceData("wide", 2, 8, 2)]
    [ReferenceData("noqlora", 2, 4, 2)]
    [ReferenceData("yarn", 2, 2, 1)]
    [ReferenceData("tiny", 2, 4, 2, true)]
    [ReferenceData("plain", 2, 4, 1, true)]
    [ReferenceData("wide", 2, 8, 2, true)]
    [ReferenceData("mtp2-tiny", 2, 4, 2)]
    [ReferenceData("mtp2-tiny", 1, 2, 1, true)]
    [ReferenceData("mtp/mtp1-plain", 2, 4, 2)]
    [ReferenceData("mtp/mtp1-dense", 2, 2, 1, true)]
    public async Task Logits_loss_choices_and_gradients_agree(
        string name, int pipelineRanks, int expertRanks, int ranksPerNode, bool separates = false)
    {
        using var reference = new ReferenceCase(name);
        int[] shape = reference.Shape("input_ids");
        int[] ids = reference.Ints("input_ids");
        RunPlan plan = Plan(reference, shape[0], shape[1], pipelineRanks, expertRanks, ranksPerNode) with { SeparatesNodes = separates };
        using var training = new TrainingFixture(plan);
        foreach ((IStream stream, ModelWeights weights) in training.Memory.Parts())
        {
            reference.Load(stream, weights);
        }

        BatchCompleted completed = await training.RunAsync(ids);

        ReferenceChecks.AssertSameChoices(reference, await training.ExpertsAsync());
        double logitDistance = Distance.Largest(await training.LogitsAsync(), reference.Floats("logits"));
        for (int module = 1; module <= reference.Config.PredictLayers; module++)
        {
            logitDistance = Math.Max(logitDistance, Distance.Largest(await training.LogitsAsync(module), reference.Floats($"logits.mtp.{module}")));
        }

        double loss = reference.Losses.Zip([completed.Loss, .. completed.PredictionLosses], (expected, found) => Math.Abs(found - expected)).Max();
        (double gradient, string worst) = ReferenceChecks.WorstGradient(reference, (await training.GradientsAsync()).Select(entry => (entry.Block.Tensors, entry.Gradient)));
        output.WriteLine($"{name}: logits {logitDistance:E2}, loss {loss:E2}, gradients {gradient:E2} ({worst})");
        Assert.True(logitDistance <= 2e-5, $"logits differ by {logitDistance}");
        Assert.True(loss <= 1e-6, $"loss differs by {loss}");
        Assert.True(gradient <= 1e-5, $"the gradient of {worst} differs by {gradient}");
    }

    [Theory]
    [ReferenceData("tiny", 2, 4, 2)]
    [ReferenceData("plain", 2, 4, 2)]
    [ReferenceData("noqlora", 2, 2, 1)]
    [ReferenceData("yarn", 1, 4, 2)]
    [ReferenceData("tiny", 2, 4, 2, true)]
    [ReferenceData("noqlora", 2, 2, 4, true)]
    [ReferenceData("mtp2-tiny", 2, 2, 1)]
    [ReferenceData("mtp2-tiny", 2, 2, 1, true)]
    [ReferenceData("mtp/mtp1-plain", 2, 4, 2)]
    [ReferenceData("mtp/mtp1-dense", 2, 2, 1, true)]
    public async Task Twenty_training_losses_agree(string name, int pipelineRanks, int expertRanks, int ranksPerNode, bool separates = false)
    {
        using var reference = new ReferenceCase(name);
        IReadOnlyList<StepCompleted> steps = await TrainAsync(reference, pipelineRanks, expertRanks, ranksPerNode, separates);
        double largest = 0;
        foreach (StepCompleted step in steps)
        {
            double distance = reference.TrainingLosses[step.Step - 1]
                .Zip([step.Loss, .. step.PredictionLosses], (expected, found) => Math.Abs(found - expected)).Max();
            largest = Math.Max(largest, distance);
            Assert.True(distance <= 2e-5, $"the loss of step {step.Step} differs by {distance}");
        }

        Assert.Equal(reference.TrainingLosses.Length, steps.Count);
        output.WriteLine($"{name}: largest {largest:E2}");
    }

    /// <summary>
    /// A choice at a near tie flips during this training, at the scalar oracle's step 9 (see Oracle.Tests' ReferenceNumbers); the
    /// actors part at the first step whose loads differ from the oracle's, at the latest there. From the flip on 2e-3 is allowed.
    /// </summary>
    [Theory]
    [ReferenceData("wide", 2, 8, 2)]
    public async Task Twenty_training_losses_agree_up_to_a_flipped_choice(string name, int pipelineRanks, int expertRanks, int ranksPerNode)
    {
        const int OracleFlip = 9;
        using var reference = new ReferenceCase(name);
        using var oracle = new ReferenceTraining(reference, new ScalarBackend(), expertRanks, ranksPerNode);
        IReadOnlyList<StepCompleted> steps = await TrainAsync(reference, pipelineRanks, expertRanks, ranksPerNode);
        int flip = OracleFlip;
        foreach (StepCompleted step in steps)
        {
            if (step.Step < flip)
            {
                long[][] expected = [.. oracle.Step().Loads.Where(loads => loads.Length > 0)];
                bool same = expected.Zip(step.Load).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second.Counts.AsSpan()));
                flip = same ? flip : step.Step;
            }

            double distance = Math.Abs(step.Loss - reference.TrainingLosses[step.Step - 1][0]);
            output.WriteLine($"{name} step {step.Step}: {distance:E2}{(step.Step == flip ? ", flipped" : "")}");
            Assert.True(distance <= (step.Step < flip ? 2e-5 : 2e-3), $"the loss of step {step.Step} differs by {distance}");
        }

        Assert.Equal(reference.TrainingLosses.Length, steps.Count);
    }

    private static async Task<IReadOnlyList<StepCompleted>> TrainAsync(
        ReferenceCase reference, int pipelineRanks, int expertRanks, int ranksPerNode, bool separates = false)
    {
        int[] shape = reference.Shape("train_ids");
        RunPlan plan = Plan(reference, shape[1], shape[2] - 1, pipelineRanks, expertRanks, ranksPerNode) with { SeparatesNodes = separates };
        using var training = new TrainingFixture(plan) { Batches = new ReferenceBatches(reference) };
        foreach ((IStream stream, ModelWeights weights) in training.Memory.Parts())
        {
            reference.Load(stream, weights);
        }

        await training.TrainAsync<TrainingEnded>(shape[0]);
        return training.Steps;
    }

    private static RunPlan Plan(ReferenceCase reference, int sequences, int length, int pipelineRanks, int expertRanks, int ranksPerNode) => TestPlans.OneRank(reference.Config, sequences, length) with
    {
        PipelineRanks = pipelineRanks,
        ExpertRanks = expertRanks,
        RanksPerNode = ranksPerNode,
        Schedule = pipelineRanks % 2 == 0 ? "dualpipe" : "1f1b",
        MicroBatches = 2 * pipelineRanks,
        Fabric = new FabricSettings(2, 16, 2),
    };

    /// <summary>The case's own batches (steps, sequences, length + 1).</summary>
    private sealed class ReferenceBatches : IBatchSource
    {
        private readonly int[] _ids;
        private readonly int _sequences;
        private readonly int _row;

        public ReferenceBatches(ReferenceCase reference)
        {
            int[] shape = reference.Shape("train_ids");
            (_ids, _sequences, _row) = (reference.Ints("train_ids"), shape[1], shape[2]);
        }

        public void Draw(int step, int sequence, Span<int> ids, Span<int> targets)
        {
            ReadOnlySpan<int> window = _ids.AsSpan((((step - 1) * _sequences) + sequence) * _row, _row);
            window[..^1].CopyTo(ids);
            window[1..].CopyTo(targets);
        }
    }
}
