namespace Actors.Runtime.Pipeline;

/// <summary>
/// Where training's tokens come from. A sequence depends on its step and number only, so that every rank draws its own, from any thread,
/// and a resumed run sees the same ones.
/// </summary>
public interface IBatchSource
{
    /// <summary>Writes one sequence.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    /// <param name="sequence">Number of the sequence in the step, from 0.</param>
    /// <param name="ids">Output (length).</param>
    /// <param name="targets">Output: each token's successor (length).</param>
    void Draw(int step, int sequence, Span<int> ids, Span<int> targets);
}
