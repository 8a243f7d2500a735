using Actors.Model.Layers;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// Where the tokens of training and of the held-out loss come from. A sequence depends on its step and number only, so that every rank draws
/// its own, from any thread, and a resumed run sees the same ones.
/// </summary>
public interface IBatchSource
{
    /// <summary>Writes one sequence.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    /// <param name="sequence">Number of the sequence in the step, from 0.</param>
    /// <param name="ids">Output (length).</param>
    /// <param name="targets">Output: each token's successor, −1 where it has none (length).</param>
    void Draw(int step, int sequence, Span<int> ids, Span<int> targets);

    /// <summary>Counts which places of a step's sequences have a target: of the model, and of each prediction module.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    /// <param name="sequences">Sequences of the step.</param>
    /// <param name="length">Tokens of a sequence.</param>
    /// <param name="counts">Output: of depth 0, 1, and so on. Where nothing else is said, every token has a successor.</param>
    void CountTargets(int step, int sequences, int length, Span<long> counts) => PredictionTokens.CountFull(sequences, length, counts);

    /// <summary>Whether attention sees only the document that a token lies in; then sequences have <see cref="DrawPositions"/>.</summary>
    bool MasksDocuments => false;

    /// <summary>
    /// Writes each token's position in the part of its document that lies in the sequence: 0 where a document, or the sequence, begins. Every stage draws them,
    /// of the same sequences as the stage that draws the tokens.
    /// </summary>
    /// <param name="step">Number of the step, from 1.</param>
    /// <param name="sequence">Number of the sequence in the step, from 0.</param>
    /// <param name="positions">Output (length).</param>
    void DrawPositions(int step, int sequence, Span<int> positions) => throw new NotSupportedException("Documents are not masked.");

    /// <summary>Sequences that measure the held-out loss; 0: nothing is held out.</summary>
    int HeldOutSequences => 0;

    /// <summary>Writes one sequence of the held-out text.</summary>
    /// <param name="sequence">Its number, from 0; one beyond the last has ids 0 and targets −1, which fills the last batch.</param>
    /// <param name="ids">Output (length).</param>
    /// <param name="targets">Output: each token's successor, −1 where it has none (length).</param>
    void DrawHeldOut(int sequence, Span<int> ids, Span<int> targets) => throw new NotSupportedException("Nothing is held out.");

    /// <summary>Writes the positions of a sequence of the held-out text, as <see cref="DrawPositions"/>.</summary>
    /// <param name="sequence">Its number, from 0; one beyond the last is one document.</param>
    /// <param name="positions">Output (length).</param>
    void DrawHeldOutPositions(int sequence, Span<int> positions) => throw new NotSupportedException("Documents are not masked.");

    /// <summary>Counts the targets of sequences of the held-out text, as <see cref="CountTargets"/>.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="sequences">How many, which are all there.</param>
    /// <param name="length">Tokens of a sequence.</param>
    /// <param name="counts">Output: of depth 0, 1, and so on.</param>
    void CountHeldOutTargets(int first, int sequences, int length, Span<long> counts) => PredictionTokens.CountFull(sequences, length, counts);
}
