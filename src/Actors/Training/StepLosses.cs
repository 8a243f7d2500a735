using System.Collections.Immutable;
using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Training;

namespace Actors.Runtime.Training;

/// <summary>Targets and mean losses of a step: of the model, of each multi-token-prediction module, and of the balance of experts.</summary>
/// <param name="model">Has the modules.</param>
/// <param name="options">What losses count beside the model's.</param>
internal sealed class StepLosses(ModelConfig model, OptimizerOptions options)
{
    private readonly long[] _targets = new long[1 + model.PredictLayers];
    private readonly double[] _sums = new double[1 + model.PredictLayers];
    private readonly double[] _means = new double[1 + model.PredictLayers];
    private int _sequences;
    private long _balanceSum;

    /// <summary>Targets of each depth; counted before the step begins.</summary>
    public Span<long> Targets => _targets;

    /// <summary>Mean loss of the model, nats.</summary>
    public double Main => _means[0];

    /// <summary>Mean loss of each module, nats.</summary>
    public ImmutableArray<double> OfModules => [.. _means[1..]];

    /// <summary>The balance loss; 0 without it.</summary>
    public double Balance { get; private set; }

    /// <summary>Factor of the balance loss's gradient.</summary>
    public float BalanceScale => BalanceLoss.Scale(options.BalanceWeight, _sequences);

    /// <summary>No gradients.</summary>
    public ImmutableArray<float> NoScales => [.. new float[_targets.Length]];

    /// <summary>Factors of all gradients of a step: each depth's weight by its targets.</summary>
    public ImmutableArray<float> Scales(StepPosition at) => [.. PredictionLoss.Scales(PredictionLoss.Weights(model, options.PredictionWeightAt(at)), _targets)];

    /// <summary>Begins the sums of a step; <see cref="Take"/> adds those of a pass.</summary>
    /// <param name="sequences">Of the whole step.</param>
    public void Begin(int sequences)
    {
        Array.Clear(_sums);
        (_sequences, _balanceSum) = (sequences, 0);
    }

    /// <summary>Counts the targets of sequences that are given.</summary>
    public void Count(ReadOnlySpan<int> targets, int length) => PredictionTokens.CountTargets(targets, length, _targets);

    /// <summary>Adds the sums of what ranks report of a pass; after the last one the means are those of the step.</summary>
    /// <returns>What is not finite, for people, or null.</returns>
    public string? Take(StepResults results)
    {
        for (int depth = 0; depth < _means.Length; depth++)
        {
            _sums[depth] = results.AddLosses(depth, _sums[depth]);
            _means[depth] = _sums[depth] / Math.Max(1, _targets[depth]);
        }

        _balanceSum += results.BalanceSum();
        Balance = BalanceLoss.Of(_balanceSum, options.BalanceWeight, _sequences);
        int other = Array.FindIndex(_means, loss => !double.IsFinite(loss));
        return other < 0 ? null : $"the loss{(other == 0 ? "" : $" of prediction module {other}")} is {_means[other]}";
    }
}
