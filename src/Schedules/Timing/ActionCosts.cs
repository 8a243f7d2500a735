namespace Actors.Schedules.Timing;

/// <summary>
/// How long each kind of action takes, in any one unit of time (1, µs, ...), the same on every stage, and how long a result is under way
/// between any two ranks. All values are finite and not negative. The plain form of <see cref="StepCosts"/>, which it turns into by itself.
/// </summary>
public readonly record struct ActionCosts
{
    /// <summary>Sets the costs.</summary>
    /// <param name="forward">F.</param>
    /// <param name="backwardInput">I, the backward for the input.</param>
    /// <param name="backwardWeights">W, the backward for the weights.</param>
    /// <param name="backward">B, the full backward; I + W where null.</param>
    /// <param name="pair">F&amp;B, the overlapped forward and full backward; F + B where null (nothing gained).</param>
    /// <param name="sendLatency">From the end of an action to when another rank can use its result; 0 within a rank.</param>
    /// <exception cref="ArgumentOutOfRangeException">A cost is negative, infinite or not a number.</exception>
    public ActionCosts(
        double forward,
        double backwardInput,
        double backwardWeights,
        double? backward = null,
        double? pair = null,
        double sendLatency = 0)
    {
        Stage = new StageCosts(forward, backwardInput, backwardWeights, backward, pair);
        SendLatency = Durations.Valid(sendLatency, nameof(sendLatency));
    }

    /// <summary>Every action takes 1 and sending nothing: the slots of a time grid.</summary>
    public static ActionCosts Slots { get; } = new(1, 1, 1, backward: 1, pair: 1);

    /// <summary>Forward, backward for input and backward for weights take 1 each, a full backward 2, a pair 3.</summary>
    public static ActionCosts Balanced { get; } = new(1, 1, 1);

    /// <summary>The costs of any one stage.</summary>
    public StageCosts Stage { get; }

    /// <summary>Cost of F.</summary>
    public double Forward => Stage.Forward;

    /// <summary>Cost of I.</summary>
    public double BackwardInput => Stage.BackwardInput;

    /// <summary>Cost of W.</summary>
    public double BackwardWeights => Stage.BackwardWeights;

    /// <summary>Cost of B.</summary>
    public double Backward => Stage.Backward;

    /// <summary>Cost of F&amp;B.</summary>
    public double Pair => Stage.Pair;

    /// <summary>Time from the end of an action to when another rank can use its result.</summary>
    public double SendLatency { get; }

    /// <summary>The cost of an action of a kind.</summary>
    public double Of(ActionKind kind) => Stage.Of(kind);
}
