using Actors.Runtime.Pipeline;

namespace Actors.Simulation.Tests.Training;

/// <summary>Sequences that depend on the step and their number alone.</summary>
internal sealed class RandomBatches : IBatchSource
{
    private const int StepStride = 1_000;

    public void Draw(int step, int sequence, Span<int> ids, Span<int> targets)
    {
        int[] tokens = Models.Tokens(ids.Length + 1, (StepStride * step) + sequence);
        tokens.AsSpan(0, ids.Length).CopyTo(ids);
        tokens.AsSpan(1).CopyTo(targets);
    }
}
