using Actors.Schedules.Timing;

namespace Actors.Schedules.Traces;

/// <summary>What was measured of one stage; medians in milliseconds.</summary>
internal sealed class StageTimes(int stage)
{
    private readonly List<double>[] _alone = [[], [], [], []];
    private readonly List<double> _weightsOfBackward = [];
    private readonly List<double> _pairRatios = [];

    /// <summary>Median of the forwards alone.</summary>
    public double Forward => Median.Of(_alone[(int)ActionKind.Forward])
        ?? throw new TraceFormatException($"the trace has no forward of stage {stage} outside pairs; trace a run of 1f1b or dualpipe");

    /// <summary>Median of the full backwards alone; where the schedule has none, of I and W together.</summary>
    public double Backward => Median.Of(_alone[(int)ActionKind.Backward])
        ?? Median.Of(_alone[(int)ActionKind.BackwardInput]) + Median.Of(_alone[(int)ActionKind.BackwardWeights])
        ?? throw new TraceFormatException($"the trace has no backward of stage {stage} outside pairs; trace a run of 1f1b or dualpipe");

    public void Add(in MeasuredAction measured)
    {
        _alone[(int)measured.Action.Kind].Add(measured.Duration);
        if (measured.Action.Kind == ActionKind.Backward)
        {
            _weightsOfBackward.Add(measured.Weights);
        }
    }

    /// <summary>Adds what a pair with a chunk of this stage took beside both chunks alone.</summary>
    public void AddPair(double ratio) => _pairRatios.Add(ratio);

    /// <summary>
    /// The stage's costs. Without a W of its own, W is the part of the full backwards in which weight gradients were computed; without an
    /// I of its own, I is the rest of them.
    /// </summary>
    public StageCosts ToCosts()
    {
        var (forward, backward) = (Forward, Backward);
        var weights = Median.Of(_alone[(int)ActionKind.BackwardWeights]) ?? Median.Of(_weightsOfBackward).GetValueOrDefault();
        var input = Median.Of(_alone[(int)ActionKind.BackwardInput]) ?? Math.Max(0, backward - weights);
        return new StageCosts(forward, input, weights, backward, (Median.Of(_pairRatios) ?? 1) * (forward + backward));
    }
}
