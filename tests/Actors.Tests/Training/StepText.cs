using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;

namespace Actors.Runtime.Tests.Training;

/// <summary>Random text, a pure function of step and number, for steps of different sizes.</summary>
internal sealed class StepText(RunPlan plan) : IBatchSource
{
    public void Draw(int step, int sequence, Span<int> ids, Span<int> targets)
    {
        int[] tokens = TestModels.Tokens(1, plan.SequenceLength, plan.Model.VocabularySize, (step * 100) + sequence);
        tokens.AsSpan(0, ids.Length).CopyTo(ids);
        tokens.AsSpan(1, ids.Length).CopyTo(targets);
    }

    /// <summary>The sequences of a step, each with its last target, as the serial trainer takes them.</summary>
    public static int[] SequencesOf(IBatchSource batches, int step, int count, int length)
    {
        int[] ids = new int[length], targets = new int[length];
        return [.. Enumerable.Range(0, count).SelectMany(sequence =>
        {
            batches.Draw(step, sequence, ids, targets);
            return (int[])[.. ids, targets[^1]];
        })];
    }
}
