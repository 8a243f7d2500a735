namespace Actors.Runtime.Training;

/// <summary>Where training's tokens come from. A step's batch depends on its number only, so a resumed run sees the same ones.</summary>
public interface IBatchSource
{
    /// <summary>Fills the batch of a step.</summary>
    /// <param name="step">Number, from 1.</param>
    /// <param name="ids">Output (sequences, length).</param>
    /// <param name="targets">Output: each token's successor.</param>
    void Fill(int step, Span<int> ids, Span<int> targets);
}
