using Actors.Oracle;

namespace Actors.Tests.Support;

/// <summary>Steps of the serial trainer on sequences in which every token has a successor.</summary>
public static class SerialSteps
{
    /// <summary>Trains one step.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="sequences">(sequences, length + 1): a row's first tokens predict its last ones.</param>
    public static StepResult Step(this SerialTrainer trainer, ReadOnlySpan<int> sequences)
    {
        int length = trainer.Model.Options.MaxSequenceLength, count = sequences.Length / (length + 1);
        int[] ids = new int[count * length], targets = new int[count * length];
        for (int s = 0; s < count; s++)
        {
            ReadOnlySpan<int> sequence = sequences.Slice(s * (length + 1), length + 1);
            sequence[..^1].CopyTo(ids.AsSpan(s * length));
            sequence[1..].CopyTo(targets.AsSpan(s * length));
        }

        return trainer.Step(ids, targets);
    }
}
