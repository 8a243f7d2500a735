using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Model.Training;
using Actors.Model.Transfer;
using Actors.Tensors;

namespace Actors.Oracle;

/// <summary>Trains a <see cref="SerialModel"/>: one replica, one thread, micro-batch after micro-batch.</summary>
public sealed class SerialTrainer : IDisposable
{
    private readonly IStream _stream;
    private readonly HostReader _reader;
    private readonly BatchPlan _plan;
    private readonly BatchSchedule _schedule;
    private readonly int _length;
    private readonly OptimizerOptions _options;
    private readonly GradientNorm _norm;
    private readonly CorrectionBias _biases;
    private readonly long[][] _loads;
    private int[] _ids = [];
    private int[] _targets = [];

    /// <summary>Allocates model activations, gradients and moments.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="stream">Stream that everything is enqueued on.</param>
    /// <param name="weights">The whole model, its experts in the placement's ranges, initialized or loaded.</param>
    /// <param name="placement">Ranks and nodes of the experts.</param>
    /// <param name="plan">How the sequences of a pass are cut, the largest one's.</param>
    /// <param name="length">Tokens of a sequence that are predicted.</param>
    /// <param name="options">Numbers of the optimizer.</param>
    /// <param name="mode">What activations keep for the backward.</param>
    /// <param name="schedule">Sequences and passes of each step; null: every step is one pass.</param>
    /// <param name="moments">How moments are stored: Float32 or BFloat16.</param>
    /// <param name="logitsLimit">Bytes of a chunk's logits beyond which they go in blocks of rows.</param>
    public SerialTrainer(
        IBackend backend,
        IStream stream,
        ModelWeights weights,
        ExpertPlacement placement,
        BatchPlan plan,
        int length,
        OptimizerOptions options,
        ActivationMode mode = ActivationMode.Kept,
        BatchSchedule? schedule = null,
        ElementType moments = ElementType.Float32,
        long logitsLimit = LogitsBlocks.Limit)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(options);
        _stream = stream;
        _plan = plan;
        _length = length;
        _schedule = schedule ?? new BatchSchedule(plan.Sequences, length);
        _options = options;
        _reader = new HostReader(stream);
        Model = new SerialModel(backend, stream, weights, placement, new SerialOptions(plan.SourceRanks, plan.MaxChunkSequences, length, mode, logitsLimit));
        Gradients = new GradientSet(backend, weights.Blocks);
        Optimizer = new AdamWOptimizer(backend, weights.Blocks, moments);
        Optimizer.Reset(stream);
        _norm = new GradientNorm(backend, Gradients.Blocks);
        _biases = new CorrectionBias(backend, weights.Config.RoutedExperts);
        _loads = [.. weights.Layers.Select(layer => layer.HasExperts ? new long[weights.Config.RoutedExperts] : [])];
    }

    /// <summary>The model.</summary>
    public SerialModel Model { get; }

    /// <summary>Gradients of the last step, not clipped.</summary>
    public GradientSet Gradients { get; }

    /// <summary>Moments.</summary>
    public AdamWOptimizer Optimizer { get; }

    /// <summary>The average of the values that the trainer keeps, loaded before the first step; null: none.</summary>
    public ParameterAverage? Average { get; init; }

    /// <summary>Steps done.</summary>
    public int Steps { get; set; }

    /// <summary>Trains one step.</summary>
    /// <param name="sequences">Host memory (sequences, length + 1): a row's first tokens predict its last ones.</param>
    /// <exception cref="NonFiniteLossException">The loss is not a number or infinite; the values are not changed.</exception>
    /// <exception cref="NonFiniteGradientException">The gradients' norm is; the values are not changed.</exception>
    public StepResult Step(ReadOnlySpan<int> sequences)
    {
        int count = _schedule.SequencesOf(Steps + 1);
        if (sequences.Length != count * (_length + 1))
        {
            throw new ArgumentException(
                $"A step needs {count} sequences of {_length + 1} tokens, found {sequences.Length} tokens.", nameof(sequences));
        }

        StepPosition position = _schedule.PositionOf(Steps + 1);
        (double[] losses, double balance) = RunPasses(sequences, count, position);
        _norm.Enqueue(_stream, Gradients);
        _reader.Wait();
        double norm = _norm.Total();
        if (!double.IsFinite(norm))
        {
            throw new NonFiniteGradientException(Steps + 1, norm, _norm.FirstNonFiniteBlock().Name);
        }

        Steps++;
        Optimizer.Step(_stream, Gradients, _options.StepFor(position, norm));
        if (_options.BiasUpdateSpeedAt(position) is not 0 and var speed)
        {
            UpdateBiases(speed);
        }

        if (Average is { } average && average.Options.IsDue(Steps))
        {
            average.Snapshot(_stream);
            _reader.Wait();
            average.Add();
        }

        return new StepResult(
            Steps, losses[0], norm, _options.LearningRate.At(position), count * _length, [.. _loads.Select(loads => (long[])loads.Clone())], losses[1..],
            balance);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _biases.Dispose();
        _norm.Dispose();
        Optimizer.Dispose();
        Gradients.Dispose();
        Model.Dispose();
        _reader.Dispose();
    }

    /// <summary>Forward and backward of all passes, in order; returns the mean losses of the main model and of each module, and the balance loss.</summary>
    private (double[] Losses, double Balance) RunPasses(ReadOnlySpan<int> sequences, int count, StepPosition position)
    {
        float[] weights = PredictionLoss.Weights(Model.Config, _options.PredictionWeightAt(position));
        var targets = new long[weights.Length];
        PredictionTokens.CountFull(count, _length, targets);
        float[] scales = PredictionLoss.Scales(weights, targets);
        float balanceScale = BalanceLoss.Scale(_options.BalanceWeight, count);
        long balance = 0;
        double[] losses = new double[scales.Length];
        Gradients.Begin();
        foreach (long[] loads in _loads)
        {
            Array.Clear(loads);
        }

        for (int pass = 0; pass < _schedule.PassesOf(position.Step); pass++)
        {
            int first = _schedule.FirstOf(position.Step, pass), end = _schedule.FirstOf(position.Step, pass + 1);
            BatchPlan cut = end - first == _plan.Sequences ? _plan : new BatchPlan(end - first, _plan.MicroBatches, _plan.SourceRanks);
            balance += RunMicroBatches(sequences[(first * (_length + 1))..(end * (_length + 1))], cut, scales, balanceScale, losses);
        }

        Gradients.End(_stream);
        return ([.. losses.Select((loss, depth) => loss / Math.Max(1, targets[depth]))], BalanceLoss.Of(balance, _options.BalanceWeight, count));
    }

    /// <summary>Forward and backward of a pass's micro-batches, in order; adds the sums of their losses and returns that of the balance loss.</summary>
    private long RunMicroBatches(ReadOnlySpan<int> sequences, BatchPlan cut, float[] scales, float balanceScale, double[] losses)
    {
        long balance = 0;
        double[] sums = new double[scales.Length];
        for (int m = 0; m < cut.MicroBatches; m++)
        {
            for (int source = 0; source < cut.SourceRanks; source++)
            {
                SetChunk(sequences, cut, m, source);
            }

            Model.Forward();
            Model.Loss(scales, sums);
            int other = Array.FindIndex(sums, sum => !double.IsFinite(sum));
            if (other >= 0)
            {
                throw new NonFiniteLossException(Steps + 1, sums[other], Model.FirstNonFinitePart());
            }

            for (int depth = 0; depth < sums.Length; depth++)
            {
                losses[depth] += sums[depth];
            }

            balance += Model.Backward(Gradients, balanceScale);
            for (int layer = 0; layer < _loads.Length; layer++)
            {
                if (_loads[layer].Length > 0)
                {
                    Model.AddLoads(layer, _loads[layer]);
                }
            }
        }

        return balance;
    }

    private void SetChunk(ReadOnlySpan<int> sequences, BatchPlan cut, int microBatch, int source)
    {
        int count = cut.CountOf(microBatch, source);
        if (_ids.Length < count * _length)
        {
            _ids = new int[count * _length];
            _targets = new int[count * _length];
        }

        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<int> sequence = sequences.Slice(cut.SequenceOf(microBatch, source, i) * (_length + 1), _length + 1);
            sequence[..^1].CopyTo(_ids.AsSpan(i * _length));
            sequence[1..].CopyTo(_targets.AsSpan(i * _length));
        }

        Model.SetChunk(source, _ids.AsSpan(0, count * _length), _targets.AsSpan(0, count * _length), _length);
    }

    private void UpdateBiases(double speed)
    {
        for (int layer = 0; layer < _loads.Length; layer++)
        {
            if (Model.Weights.Layers[layer].CorrectionBias is { } block)
            {
                _biases.Update(_stream, block.Values, _loads[layer], speed);
            }
        }
    }
}
