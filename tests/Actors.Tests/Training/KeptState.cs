using Actors.Cpu;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

/// <summary>Runs that go on from values and moments that another one has left in memory.</summary>
internal static class KeptState
{
    /// <summary>Trains up to a step.</summary>
    /// <param name="plan">Shape of the run.</param>
    /// <param name="batches">The text.</param>
    /// <param name="lastStep">The last step.</param>
    /// <param name="completed">Steps behind the state.</param>
    /// <param name="state">Values and moments to begin with; null: fresh ones.</param>
    /// <returns>Losses, and values and moments of all blocks in model order.</returns>
    public static async Task<(double[] Losses, float[] State)> TrainAsync(RunPlan plan, IBatchSource batches, int lastStep, int completed = 0, float[]? state = null)
    {
        using var run = new TrainingFixture(plan) { BiasUpdateSpeed = 0.01, CompletedSteps = completed, Batches = batches };
        IEnumerable<Tensor> tensors = [.. run.Memory.Blocks().Select(block => block.Values), .. run.Memory.Moments().SelectMany(block => (Tensor[])[block.First, block.Second])];
        int place = 0;
        foreach (Tensor tensor in state is null ? [] : tensors)
        {
            state.AsSpan(place, tensor.AsSpan<float>().Length).CopyTo(tensor.AsSpan<float>());
            place += tensor.AsSpan<float>().Length;
        }

        await run.TrainAsync<TrainingEnded>(lastStep);
        return ([.. run.Steps.Select(step => step.Loss)], [.. tensors.SelectMany(tensor => tensor.AsSpan<float>().ToArray())]);
    }
}
