using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Model.Training;
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
    private readonly float[] _lossWeights;
    private readonly int _depths;
    private readonly double _balanceWeight;

    /// <summary>Allocates what a micro-batch needs.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="stream">Stream that everything is enqueued on.</param>
    /// <param name="weights">The whole model, its experts in the placement's ranges.</param>
    /// <param name="placement">Ranks and nodes of the experts.</param>
    /// <param name="plan">How the sequences are cut.</param>
    /// <param name="length">Tokens of a sequence.</param>
    /// <param name="mode">What to keep; anything but <see cref="ActivationMode.ForwardOnly"/> computes gradients.</param>
    /// <param name="predictionWeight">λ: what the losses of prediction modules count in the gradients, shared out equally.</param>
    /// <param name="balanceWeight">α: what the balance loss counts in the gradients.</param>
    public SerialEvaluator(
        IBackend backend, IStream stream, ModelWeights weights, ExpertPlacement placement, BatchPlan plan, int length, ActivationMode mode,
        double predictionWeight = 0, double balanceWeight = 0)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(plan);
        _stream = stream;
        _plan = plan;
        _length = length;
        _model = new SerialModel(backend, stream, weights, placement, new SerialOptions(plan.SourceRanks, plan.MaxChunkSequences, length, mode));
        _lossWeights = PredictionLoss.Weights(weights.Config, predictionWeight);
        _depths = _lossWeights.Length;
        _balanceWeight = balanceWeight;
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
        var evaluation = new Evaluation(
            [.. Enumerable.Range(0, _depths).Select(depth => new float[(long)Rows(depth) * config.VocabularySize])],
            new double[_depths],
            [.. Enumerable.Range(0, config.AllLayers).Select(layer => config.HasExperts(layer) ? new int[Rows(config.ModuleOf(layer)) * config.ExpertsPerToken] : [])]);
        var predicted = new long[_depths];
        PredictionTokens.CountTargets(targets, _length, predicted);
        float[] scales = PredictionLoss.Scales(_lossWeights, predicted);
        var sums = new double[_depths];
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
                ReadChunk(m, source, evaluation);
            }

            _model.Loss(scales, sums);
            for (int depth = 0; depth < _depths; depth++)
            {
                evaluation.Losses[depth] += sums[depth];
            }

            if (Gradients is not null)
            {
                _model.Backward(Gradients, BalanceLoss.Scale(_balanceWeight, _plan.Sequences));
            }
        }

        for (int depth = 0; depth < _depths; depth++)
        {
            evaluation.Losses[depth] /= predicted[depth];
        }

        Gradients?.End(_stream);
        return evaluation;
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

        _model.SetChunk(source, chunk, chunkTargets, _length, routesAllRead: true);
    }

    private void ReadChunk(int microBatch, int source, Evaluation evaluation)
    {
        int vocabulary = _model.Config.VocabularySize;
        int count = _plan.CountOf(microBatch, source);
        var chunk = new float[count * _length * vocabulary];
        for (int depth = 0; depth < _depths; depth++)
        {
            _model.ReadLogits(source, chunk, depth);
            if (FiniteValues.IndexOfOther(chunk) is int other and >= 0)
            {
                int row = other / vocabulary;
                throw new NonFiniteLogitsException(
                    _plan.SequenceOf(microBatch, source, row / _length), row % _length, _model.FirstNonFinitePart());
            }

            CopySequences(chunk, evaluation.LogitsOf[depth], depth, vocabulary, microBatch, source);
        }

        for (int layer = 0; layer < evaluation.Experts.Count; layer++)
        {
            if (evaluation.Experts[layer].Length > 0)
            {
                CopySequences(
                    _model.ChosenExperts(layer, source), evaluation.Experts[layer], _model.Config.ModuleOf(layer), _model.Config.ExpertsPerToken, microBatch, source);
            }
        }
    }

    /// <summary>Copies the rows of a chunk's sequences at which a depth reads a token: its first ones.</summary>
    private void CopySequences<T>(ReadOnlySpan<T> chunk, T[] all, int depth, int columns, int microBatch, int source)
    {
        int rows = PredictionTokens.TargetsOf(_length, depth);
        for (int i = 0; i < chunk.Length / columns / _length; i++)
        {
            chunk.Slice(i * _length * columns, rows * columns).CopyTo(all.AsSpan(_plan.SequenceOf(microBatch, source, i) * rows * columns));
        }
    }

    private int Rows(int depth) => _plan.Sequences * PredictionTokens.TargetsOf(_length, depth);

}
