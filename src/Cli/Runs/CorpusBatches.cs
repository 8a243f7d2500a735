using Actors.Runtime.Configuration;
using Actors.Runtime.Data;
using Actors.Runtime.Pipeline;

namespace Actors.Cli.Runs;

/// <summary>A corpus as training's batches and the held-out part's.</summary>
internal sealed class CorpusBatches : IBatchSource
{
    private readonly WindowSampler _sampler;
    private readonly HeldOutWindows? _heldOut;
    private readonly int _sequences;
    private readonly int _length;

    public CorpusBatches(ByteCorpus corpus, TrainingSettings training)
    {
        _sequences = training.BatchSequences;
        _length = training.SequenceLength;
        _sampler = new WindowSampler(corpus, _length, training.Seed);
        _heldOut = corpus.HeldOut.Length > _length ? new HeldOutWindows(corpus, _length) : null;
        long most = training.EvaluationBatches > 0 ? (long)training.EvaluationBatches * _sequences : int.MaxValue;
        HeldOutSequences = (int)Math.Min(most, _heldOut?.Count ?? 0);
    }

    /// <inheritdoc/>
    public int HeldOutSequences { get; }

    /// <inheritdoc/>
    public void Draw(int step, int sequence, Span<int> ids, Span<int> targets) => _sampler.Draw(step, sequence, ids, targets);

    /// <summary>Sequences (length + 1 tokens each) of a step, for the serial trainer.</summary>
    public int[] Sequences(int step)
    {
        var ids = new int[_length];
        var targets = new int[_length];
        var sequences = new int[_sequences * (_length + 1)];
        for (int s = 0; s < _sequences; s++)
        {
            _sampler.Draw(step, s, ids, targets);
            ids.CopyTo(sequences, s * (_length + 1));
            sequences[((s + 1) * (_length + 1)) - 1] = targets[^1];
        }

        return sequences;
    }

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
