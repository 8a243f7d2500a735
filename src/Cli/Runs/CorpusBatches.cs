using System.Runtime.InteropServices;
using Actors.Runtime.Configuration;
using Actors.Runtime.Data;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Training;

namespace Actors.Cli.Runs;

/// <summary>A corpus as training's batches and the held-out part's.</summary>
internal sealed class CorpusBatches : IBatchSource
{
    private readonly WindowSampler _sampler;
    private readonly HeldOutWindows? _heldOut;
    private readonly int _sequences;
    private readonly int _length;
    private readonly int _limit;

    public CorpusBatches(ByteCorpus corpus, TrainingSettings training)
    {
        _sequences = training.BatchSequences;
        _length = training.SequenceLength;
        _limit = training.EvaluationBatches;
        _sampler = new WindowSampler(corpus, _length, training.Seed);
        _heldOut = corpus.HeldOut.Length > _length ? new HeldOutWindows(corpus, _length) : null;
    }

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

    /// <summary>The held-out text in order, a batch at a time; the last batch's empty places have no target.</summary>
    public IEnumerable<RunBatch> HeldOut()
    {
        int windows = _heldOut?.Count ?? 0;
        int batches = (windows + _sequences - 1) / _sequences;
        for (int batch = 0; batch < (_limit > 0 ? Math.Min(_limit, batches) : batches); batch++)
        {
            var ids = new int[_sequences * _length];
            var targets = new int[ids.Length];
            Array.Fill(targets, -1);
            for (int s = 0; s < _sequences && (batch * _sequences) + s < windows; s++)
            {
                _heldOut!.Read((batch * _sequences) + s, ids.AsSpan(s * _length, _length), targets.AsSpan(s * _length, _length));
            }

            yield return new RunBatch(
                ImmutableCollectionsMarshal.AsImmutableArray(ids), ImmutableCollectionsMarshal.AsImmutableArray(targets), Gradients: false, Capture: false);
        }
    }
}
