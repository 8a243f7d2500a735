using Actors.Cpu;
using Actors.Cpu.Scalar;
using Actors.Model.Layers;
using Actors.Model.Placement;
using Actors.Tests.Support.Reference;
using Xunit.Abstractions;

namespace Actors.Oracle.Tests.Reference;

/// <summary>
/// The model against Hugging Face transformers, at the project's tolerances: the reference's own float32 lies within 3e-6 of
/// its float64 in logits, 1e-6 in loss, 1.5e-6 in gradients and 1.3e-6 in training losses.
/// </summary>
public sealed class ReferenceNumbers(ITestOutputHelper output)
{
    [Theory]
    [ReferenceData("tiny", 1, 1, ActivationMode.Kept)]
    [ReferenceData("tiny", 4, 2, ActivationMode.Recomputed)]
    [ReferenceData("plain", 1, 1, ActivationMode.Kept)]
    [ReferenceData("plain", 4, 2, ActivationMode.Recomputed)]
    [ReferenceData("wide", 8, 4, ActivationMode.Kept)]
    [ReferenceData("noqlora", 4, 2, ActivationMode.Kept)]
    [ReferenceData("noqlora", 2, 2, ActivationMode.Recomputed)]
    [ReferenceData("yarn", 2, 1, ActivationMode.Kept)]
    [ReferenceData("mtp2-tiny", 4, 2, ActivationMode.Kept)]
    [ReferenceData("mtp2-tiny", 1, 1, ActivationMode.Recomputed)]
    [ReferenceData("mtp/mtp1-plain", 1, 1, ActivationMode.Kept)]
    [ReferenceData("mtp/mtp1-plain", 4, 2, ActivationMode.Recomputed)]
    [ReferenceData("mtp/mtp1-dense", 2, 1, ActivationMode.Kept)]
    public void Logits_loss_choices_and_gradients_agree(string name, int ranks, int ranksPerNode, ActivationMode mode)
    {
        using var reference = new ReferenceCase(name);
        using var model = new ReferenceModel(reference, new CpuBackend(), ranks, ranksPerNode);
        int[] shape = reference.Shape("input_ids");
        using var evaluator = new SerialEvaluator(
            model.Backend, model.Stream, model.Weights, model.Placement, new BatchPlan(shape[0], 1, Math.Min(ranks, 2)), shape[1], mode,
            ReferenceCase.PredictionWeight);
        Evaluation result = evaluator.Run(reference.Ints("input_ids"));

        ReferenceChecks.AssertSameChoices(reference, result.Experts);
        double logits = result.LogitsOf.Select((found, depth) => Distance.Largest(found, reference.Floats(depth == 0 ? "logits" : $"logits.mtp.{depth}"))).Max();
        double loss = result.Losses.Zip(reference.Losses, (found, expected) => Math.Abs(found - expected)).Max();
        (double gradient, string worst) = ReferenceChecks.WorstGradient(
            reference, evaluator.Gradients!.Blocks.Select(block => (block.Tensors, evaluator.Gradients[block].AsSpan<float>().ToArray())));
        output.WriteLine($"{name}: logits {logits:E2}, loss {loss:E2}, gradients {gradient:E2} ({worst})");
        Assert.True(logits <= 2e-5, $"logits differ by {logits}");
        Assert.True(loss <= 1e-6, $"loss differs by {loss}");
        Assert.True(gradient <= 1e-5, $"the gradient of {worst} differs by {gradient}");
    }

    [Theory]
    [ReferenceData("tiny", 4, 2)]
    [ReferenceData("plain", 4, 2)]
    [ReferenceData("noqlora", 1, 1)]
    [ReferenceData("yarn", 2, 2)]
    [ReferenceData("mtp2-tiny", 2, 1)]
    [ReferenceData("mtp/mtp1-plain", 4, 2)]
    [ReferenceData("mtp/mtp1-dense", 1, 1)]
    public void Twenty_training_losses_agree(string name, int ranks, int ranksPerNode)
    {
        using var reference = new ReferenceCase(name);
        using var run = new ReferenceTraining(reference, new CpuBackend(), ranks, ranksPerNode);
        double largest = 0;
        for (int step = 1; step <= run.Steps; step++)
        {
            StepResult result = run.Step();
            double distance = reference.TrainingLosses[step - 1].Zip([result.Loss, .. result.PredictionLosses], (expected, found) => Math.Abs(found - expected)).Max();
            largest = Math.Max(largest, distance);
            Assert.True(distance <= 2e-5, $"the loss of step {step} differs by {distance}");
        }

        output.WriteLine($"{name}: largest {largest:E2}");
    }

    /// <summary>
    /// AdamW's first steps turn the rounding of a gradient near zero into up to the learning rate (an element of a rare token's
    /// embedding is 5e-4 off after three steps), so a choice at a small margin can flip. The scalar oracle (sums in float64)
    /// parts from the reference at step 9: taking the next best instead of the eighth expert of token 94 in layer 2, 4e-4
    /// apart, brings its loss from 2.6e-4 to 8e-6. Another backend parts at the first step whose loads differ from the
    /// oracle's. From the flip on 2e-3 is allowed.
    /// </summary>
    [Theory]
    [ReferenceData("wide")]
    public void Twenty_training_losses_agree_up_to_a_flipped_choice(string name)
    {
        const int OracleFlip = 9;
        using var reference = new ReferenceCase(name);
        using var oracle = new ReferenceTraining(reference, new ScalarBackend(), 8, 4);
        using var run = new ReferenceTraining(reference, new CpuBackend(), 8, 4);
        int flip = OracleFlip;
        for (int step = 1; step <= run.Steps; step++)
        {
            StepResult result = run.Step();
            if (step < OracleFlip)
            {
                StepResult expected = oracle.Step();
                double oracleDistance = Math.Abs(expected.Loss - reference.TrainingLosses[step - 1][0]);
                Assert.True(oracleDistance <= 2e-5, $"the oracle's loss of step {step} differs by {oracleDistance}");
                bool same = expected.Loads.Zip(result.Loads).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
                flip = same ? flip : Math.Min(flip, step);
            }

            double distance = Math.Abs(result.Loss - reference.TrainingLosses[step - 1][0]);
            output.WriteLine($"{name} step {step}: {distance:E2}{(step == flip ? ", flipped" : "")}");
            Assert.True(distance <= (step < flip ? 2e-5 : 2e-3), $"the loss of step {step} differs by {distance}");
        }
    }
}
