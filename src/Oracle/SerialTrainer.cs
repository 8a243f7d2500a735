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
    private readonly Func<int, bool> _hasTimetable;
    private readonly int _length;
    private readonly OptimizerOptions _options;
    private readonly GradientNorm _norm;
    private readonly CorrectionBias _biases;
    private readonly long[][] _loads;
    private int[] _ids = [];
    private int[] _targets = [];
    private int[] _positions = [];

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
    /// <param name="hasTimetable">Whether the actors have a timetable of a number of micro-batches, for passes of fewer sequences; null: of every number.</param>
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
        long logitsLimit = LogitsBlocks.Limit,
        Func<int, bool>? hasTimetable = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(options);
        _stream = stream;
        _plan = plan;
        _length = length;
        _schedule = schedule ?? new BatchSchedule(plan.Sequences, length);
        _hasTimetable = hasTimetable ?? (static _ => true);
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
    /// <param name="ids">Host memory (sequences, length): the step's tokens.</param>
    /// <param name="targets">Of the same shape: the token to predict at each place, −1 for none.</param>
    /// <param name="positions">Of the same shape: each token's position in its document, which attention does not look out of; empty: it sees whole sequences.</param>
    /// <exception cref="NonFiniteLossException">The loss is not a number or infinite; the values are not changed.</exception>
    /// <exception cref="NonFiniteGradientException">The gradients' norm is; the values are not changed.</exception>
    public StepResult Step(ReadOnlySpan<int> ids, ReadOnlySpan<int> targets, ReadOnlySpan<int> positions = default)
    {
        int count = _schedule.SequencesOf(Steps + 1), tokens = count * _length;
        if (ids.Length != tokens || targets.Length != tokens || (!positions.IsEmpty && positions.Length != tokens))
        {
            throw new ArgumentException(
                $"A step needs {count} sequences of {_length} tokens, found {ids.Length} ids, {targets.Length} targets and {positions.Length} positions.", nameof(ids));
        }

        StepPosition position = _schedule.PositionOf(Steps + 1);
        (double[] losses, double balance) = RunPasses(new Sequences(ids, targets, positions, _length), count, position);
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
    private (double[] Losses, double Balance) RunPasses(Sequences sequences, int count, StepPosition position)
    {
        float[] weights = PredictionLoss.Weights(Model.Config, _options.PredictionWeightAt(position));
        var targets = new long[weights.Length];
        PredictionTokens.CountTargets(sequences.Targets, _length, targets);
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
            balance += RunMicroBatches(sequences.Range(first, end - first), _plan.OfPass(end - first, _hasTimetable), scales, balanceScale, losses);
        }

        Gradients.End(_stream);
        return ([.. losses.Select((loss, depth) => loss / Math.Max(1, targets[depth]))], BalanceLoss.Of(balance, _options.BalanceWeight, count));
    }

    /// <summary>Forward and backward of a pass's micro-batches, in order; adds the sums of their losses and returns that of the balance loss.</summary>
    private long RunMicroBatches(Sequences sequences, BatchPlan cut, float[] scales, float balanceScale, double[] losses)
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

    private void SetChunk(Sequences sequences, BatchPlan cut, int microBatch, int source)
    {
        int count = cut.CountOf(microBatch, source), tokens = count * _length;
        if (_ids.Length < tokens)
        {
            (_ids, _targets, _positions) = (new int[tokens], new int[tokens], new int[tokens]);
        }

        for (int i = 0; i < count; i++)
        {
            Sequences sequence = sequences.Range(cut.SequenceOf(microBatch, source, i), 1);
            sequence.Ids.CopyTo(_ids.AsSpan(i * _length));
            sequence.Targets.CopyTo(_targets.AsSpan(i * _length));
            sequence.Positions.CopyTo(_positions.AsSpan(i * _length));
        }

        ReadOnlySpan<int> positions = sequences.Positions.IsEmpty ? default : _positions.AsSpan(0, tokens);
        Model.SetChunk(source, _ids.AsSpan(0, tokens), _targets.AsSpan(0, tokens), _length, positions: positions);
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

    /// <summary>Sequences of a step, each (sequences, length); no positions: attention sees whole sequences.</summary>
    private readonly ref struct Sequences(ReadOnlySpan<int> ids, ReadOnlySpan<int> targets, ReadOnlySpan<int> positions, int length)
    {
        public ReadOnlySpan<int> Ids { get; } = ids;

        public ReadOnlySpan<int> Targets { get; } = targets;

        public ReadOnlySpan<int> Positions { get; } = positions;

        public Sequences Range(int first, int count) => new(Of(Ids, first, count), Of(Targets, first, count), Positions.IsEmpty ? default : Of(Positions, first, count), length);

        private ReadOnlySpan<int> Of(ReadOnlySpan<int> all, int first, int count) => all.Slice(first * length, count * length);
    }
}
