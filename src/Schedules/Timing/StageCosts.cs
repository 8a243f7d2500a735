namespace Actors.Schedules.Timing;

/// <summary>How long each kind of action takes on one stage, in any one unit of time. All values are finite and not negative.</summary>
public readonly record struct StageCosts
{
    /// <summary>Sets the costs.</summary>
    /// <param name="forward">F.</param>
    /// <param name="backwardInput">I, the backward for the input.</param>
    /// <param name="backwardWeights">W, the backward for the weights.</param>
    /// <param name="backward">B, the full backward; I + W where null.</param>
    /// <param name="pair">F&amp;B, where both overlapped chunks are of this stage; F + B where null (nothing gained).</param>
    /// <exception cref="ArgumentOutOfRangeException">A cost is negative, infinite or not a number.</exception>
    public StageCosts(double forward, double backwardInput, double backwardWeights, double? backward = null, double? pair = null)
    {
        Forward = Durations.Valid(forward, nameof(forward));
        BackwardInput = Durations.Valid(backwardInput, nameof(backwardInput));
        BackwardWeights = Durations.Valid(backwardWeights, nameof(backwardWeights));
        Backward = Durations.Valid(backward ?? backwardInput + backwardWeights, nameof(backward));
        Pair = Durations.Valid(pair ?? Forward + Backward, nameof(pair));
    }

    /// <summary>Cost of F.</summary>
    public double Forward { get; }

    /// <summary>Cost of I.</summary>
    public double BackwardInput { get; }

    /// <summary>Cost of W.</summary>
    public double BackwardWeights { get; }

    /// <summary>Cost of B.</summary>
    public double Backward { get; }

    /// <summary>Cost of F&amp;B where both chunks are of this stage.</summary>
    public double Pair { get; }

    /// <summary>The same costs with a pair that takes F + B less a share of it.</summary>
    /// <param name="gain">Share of F + B that overlapping saves, from 0 (nothing) to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The gain is outside 0 to 1.</exception>
    public StageCosts WithPairGain(double gain)
        => gain is >= 0 and <= 1
            ? new StageCosts(Forward, BackwardInput, BackwardWeights, Backward, (1 - gain) * (Forward + Backward))
            : throw new ArgumentOutOfRangeException(nameof(gain), gain, "The share of F + B that a pair saves is from 0 to 1.");

    /// <summary>The cost of an action of a kind.</summary>
    public double Of(ActionKind kind) => kind switch
    {
        ActionKind.Forward => Forward,
        ActionKind.BackwardInput => BackwardInput,
        ActionKind.BackwardWeights => BackwardWeights,
        ActionKind.Backward => Backward,
        ActionKind.Pair => Pair,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>
    /// The cost of a pair: of the forward's stage the part of its pair that is its forward, F / (F + B), and of the backward's stage the
    /// part that is its backward. Of equal stages it is their pair.
    /// </summary>
    internal static double PairOf(in StageCosts forward, in StageCosts backward)
        => forward == backward ? forward.Pair : forward.ForwardPartOfPair() + (backward.Pair - backward.ForwardPartOfPair());

    private double ForwardPartOfPair()
    {
        var apart = Forward + Backward;
        return apart > 0 ? Pair * (Forward / apart) : Pair / 2;
    }
}
