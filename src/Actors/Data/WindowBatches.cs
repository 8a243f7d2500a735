using Actors.Runtime.Configuration;
using Actors.Runtime.Pipeline;

namespace Actors.Runtime.Data;

/// <summary>A text in memory as training's batches and the held-out part's: random windows, and windows in order.</summary>
internal sealed class WindowBatches : IBatchSource
{
    private readonly WindowSampler _sampler;
    private readonly HeldOutWindows? _heldOut;

    public WindowBatches(TokenRun training, TokenRun heldOut, TrainingSettings settings)
    {
        _sampler = new WindowSampler(training, settings.SequenceLength, settings.Seed);
        _heldOut = heldOut.Length > settings.SequenceLength ? new HeldOutWindows(heldOut, settings.SequenceLength) : null;
        long most = settings.EvaluationBatches > 0 ? (long)settings.EvaluationBatches * settings.BatchSequences : int.MaxValue;
        HeldOutSequences = (int)Math.Min(most, _heldOut?.Count ?? 0);
    }

    /// <inheritdoc/>
    public int HeldOutSequences { get; }

    /// <inheritdoc/>
    public void Draw(int step, int sequence, Span<int> ids, Span<int> targets) => _sampler.Draw(step, sequence, ids, targets);

    /// <inheritdoc/>
    public void DrawHeldOut(int sequence, Span<int> ids, Span<int> targets)
    {
        if (sequence < HeldOutSequences)
        {
            _heldOut!.Read(sequence, ids, targets);
        }
        else
        {
            ids.Clear();
            targets.Fill(-1);
        }
    }
}
