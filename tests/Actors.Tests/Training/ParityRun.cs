using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Oracle;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

/// <summary>What a run computes of one batch: loss, logits, choices and gradients, for comparison.</summary>
/// <param name="Loss">Mean loss.</param>
/// <param name="PredictionLosses">Mean loss of each prediction module.</param>
/// <param name="Logits">(sequences · length, vocabulary) of the model, then those of each prediction module.</param>
/// <param name="Experts">For each layer (sequences · length, K), those of prediction modules last.</param>
/// <param name="Gradients">By the block's name.</param>
internal sealed record ParityRun(double Loss, double[] PredictionLosses, float[] Logits, int[][] Experts, Dictionary<string, float[]> Gradients)
{
    /// <summary>Gradients differ only in the order in which chunks are summed: DESIGN.md's bound.</summary>
    private const double CosineTolerance = 1e-13;

    /// <summary>Runs given tokens through the actors.</summary>
    /// <param name="plan">Shape of the run.</param>
    /// <param name="tokens">(sequences, length); each token's successor is its target, the last has none.</param>
    /// <param name="makeLink">Makes the ranks' links.</param>
    /// <param name="backend">Computes, and is freed; null: the CPU in float32.</param>
    /// <param name="balanceWeight">α of the balance loss.</param>
    /// <param name="then">Looks at the run when the batch has ended; null: nobody does.</param>
    public static async Task<ParityRun> ThroughActorsAsync(
        RunPlan plan, int[] tokens, Func<ITensorLink>? makeLink = null, IBackend? backend = null, double balanceWeight = 0, Action<TrainingHost>? then = null)
    {
        using var training = new TrainingFixture(plan, makeLink, backend) { BalanceWeight = balanceWeight };
        BatchCompleted completed = await training.RunAsync(tokens);
        then?.Invoke(training.Memory);
        float[] logits = await training.LogitsAsync();
        for (int module = 1; module <= plan.Model.PredictLayers; module++)
        {
            logits = [.. logits, .. await training.LogitsAsync(module)];
        }

        return new ParityRun(
            completed.Loss, [.. completed.PredictionLosses], logits, await training.ExpertsAsync(),
            (await training.GradientsAsync()).ToDictionary(entry => entry.Block.Name, entry => entry.Gradient));
    }

    /// <summary>Runs the serial model in the same placement's order.</summary>
    public static ParityRun Serial(RunPlan plan, int[] tokens) => Serial(plan, tokens, new CpuBackend());

    /// <inheritdoc cref="Serial(RunPlan, int[])"/>
    /// <param name="plan">Shape of the run.</param>
    /// <param name="tokens">(sequences, length); each token's successor is its target, the last has none.</param>
    /// <param name="computes">Computes, and is freed.</param>
    /// <param name="balanceWeight">α of the balance loss.</param>
    public static ParityRun Serial(RunPlan plan, int[] tokens, IBackend computes, double balanceWeight = 0)
    {
        using IBackend backend = computes;
        using IStream stream = backend.CreateStream("serial");
        using var weights = new ModelWeights(backend, plan.Model, ModelPart.Whole(plan.Model, plan.ExpertPlacement()));
        weights.Initialize(stream, seed: 1);
        using var evaluator = new SerialEvaluator(
            backend, stream, weights, plan.ExpertPlacement(), new BatchPlan(plan.Sequences, plan.MicroBatches, plan.ExpertRanks),
            plan.SequenceLength, plan.Activations, TestOptimizer.At(1).PredictionWeight, balanceWeight);
        Evaluation result = evaluator.Run(tokens);
        GradientSet gradients = evaluator.Gradients!;
        return new ParityRun(
            result.Loss, result.Losses[1..], [.. result.LogitsOf.SelectMany(logits => logits)], [.. result.Experts],
            gradients.Blocks.ToDictionary(block => block.Name, block => gradients[block].AsSpan<float>().ToArray()));
    }

    /// <summary>Outputs and losses bit for bit, gradients to rounding.</summary>
    public void AssertEquals(ParityRun other)
    {
        Assert.Equal(other.Loss, Loss);
        Assert.Equal(other.PredictionLosses, PredictionLosses);
        AssertOutputsEqual(other);
    }

    /// <summary>Outputs bit for bit, gradients to rounding; losses may have been summed in another order.</summary>
    public void AssertOutputsEqual(ParityRun other)
    {
        Assert.True(other.Logits.AsSpan().SequenceEqual(Logits), "the logits differ");
        Assert.Equal(other.Experts, Experts);
        Assert.Equal(other.Gradients.Keys.Order(), Gradients.Keys.Order());
        foreach ((string name, float[] gradient) in Gradients)
        {
            double distance = Cosine.Distance(other.Gradients[name], gradient);
            Assert.True(distance < CosineTolerance, $"{name}: cosine distance {distance:g3}");
        }
    }
}
