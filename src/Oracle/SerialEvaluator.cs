using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Tensors;
using Actors.Tensors.Numbers;

namespace Actors.Oracle;

/// <summary>Runs a model over given sequences: logits, next-token loss, chosen experts, and gradients if asked for.</summary>
public sealed class SerialEvaluator : IDisposable
{
    private readonly IStream _stream;
    private readonly BatchPlan _plan;
    private readonly int _length;
    private readonly SerialModel _model;

    /// <summary>Allocates what a micro-batch needs.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="stream">Stream that everything is enqueued on.</param>
    /// <param name="weights">The whole model, its experts in the placement's ranges.</param>
    /// <param name="placement">Ranks and nodes of the experts.</param>
    /// <param name="plan">How the sequences are cut.</param>
    /// <param name="length">Tokens of a sequence.</param>
    /// <param name="mode">What to keep; anything but <see cref="ActivationMode.ForwardOnly"/> computes gradients.</param>
    public SerialEvaluator(
        IBackend backend, IStream stream, ModelWeights weights, ExpertPlacement placement, BatchPlan plan, int length, ActivationMode mode)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(plan);
        _stream = stream;
        _plan = plan;
        _length = length;
        _model = new SerialModel(backend, stream, weights, placement, new SerialOptions(plan.SourceRanks, plan.MaxChunkSequences, length, mode));
        Gradients = mode == ActivationMode.ForwardOnly ? null : new GradientSet(backend, weights.Blocks);
    }

    /// <summary>Gradients of the last run's loss; null where none are computed.</summary>
    public GradientSet? Gradients { get; }

    /// <summary>Evaluates host memory (sequences, length), predicting each token's successor in its sequence.</summary>
    /// <exception cref="NonFiniteLogitsException">A logit is not finite.</exception>
    public Evaluation Run(ReadOnlySpan<int> ids)
    {
        var targets = new int[ids.Length];
        for (int i = 0; i < targets.Length; i++)
        {
            targets[i] = (i + 1) % _length == 0 ? -1 : ids[i + 1];
        }

        return Run(ids, targets);
    }

    /// <summary>Evaluates host memory (sequences, length).</summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="targets">The token to predict at each place; −1 counts nothing.</param>
    /// <exception cref="NonFiniteLogitsException">A logit is not finite.</exception>
    public Evaluation Run(ReadOnlySpan<int> ids, ReadOnlySpan<int> targets)
    {
        if (targets.Length != ids.Length || ids.Length != _plan.Sequences * _length)
        {
            throw new ArgumentException($"Expected {_plan.Sequences} sequences of {_length} tokens, found {ids.Length} tokens and {targets.Length} targets.", nameof(ids));
        }

        ModelConfig config = _model.Config;
        var logits = new float[(long)ids.Length * config.VocabularySize];
        var experts = new int[config.Layers][];
        for (int layer = 0; layer < experts.Length; layer++)
        {
            experts[layer] = config.HasExperts(layer) ? new int[ids.Length * config.ExpertsPerToken] : [];
        }

        int predicted = targets.Length - targets.Count(-1);
        double loss = 0;
        Gradients?.Begin();
        for (int m = 0; m < _plan.MicroBatches; m++)
        {
            for (int source = 0; source < _plan.SourceRanks; source++)
            {
                SetChunk(ids, targets, m, source);
            }

            _model.Forward();
            for (int source = 0; source < _plan.SourceRanks; source++)
            {
                ReadChunk(m, source, logits, experts);
            }

            loss += _model.Loss(1f / Math.Max(1, predicted));
            if (Gradients is not null)
            {
                _model.Backward(Gradients);
            }
        }

        Gradients?.End(_stream);
        return new Evaluation(logits, loss / predicted, experts);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Gradients?.Dispose();
        _model.Dispose();
    }

    private void SetChunk(ReadOnlySpan<int> ids, ReadOnlySpan<int> targets, int microBatch, int source)
    {
        int count = _plan.CountOf(microBatch, source);
        var chunk = new int[count * _length];
        var chunkTargets = new int[chunk.Length];
        for (int i = 0; i < count; i++)
        {
            int start = _plan.SequenceOf(microBatch, source, i) * _length;
            ids.Slice(start, _length).CopyTo(chunk.AsSpan(i * _length));
            targets.Slice(start, _length).CopyTo(chunkTargets.AsSpan(i * _length));
        }

        _model.SetChunk(source, chunk, chunkTargets, _length);
    }

    private void ReadChunk(int microBatch, int source, float[] logits, int[][] experts)
    {
        int vocabulary = _model.Config.VocabularySize;
        int count = _plan.CountOf(microBatch, source);
        var chunk = new float[count * _length * vocabulary];
        _model.ReadLogits(source, chunk);
        if (FiniteValues.IndexOfOther(chunk) is int other and >= 0)
        {
            int row = other / vocabulary;
            throw new NonFiniteLogitsException(
                _plan.SequenceOf(microBatch, source, row / _length), row % _length, _model.FirstNonFinitePart());
        }

        CopySequences(chunk, logits, _length * vocabulary, microBatch, source);
        for (int layer = 0; layer < experts.Length; layer++)
        {
            if (experts[layer].Length > 0)
            {
                CopySequences(
                    _model.ChosenExperts(layer, source), experts[layer], _length * _model.Config.ExpertsPerToken, microBatch, source);
            }
        }
    }

    private void CopySequences<T>(ReadOnlySpan<T> chunk, T[] all, int elements, int microBatch, int source)
    {
        for (int i = 0; i < chunk.Length / elements; i++)
        {
            chunk.Slice(i * elements, elements).CopyTo(all.AsSpan(_plan.SequenceOf(microBatch, source, i) * elements));
        }
    }
}
