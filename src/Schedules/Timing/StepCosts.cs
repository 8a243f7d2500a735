using System.Collections.Immutable;

namespace Actors.Schedules.Timing;

/// <summary>
/// What a step is simulated under: the costs of each stage, of the links between ranks, and the bytes that cross them. Times are in any
/// one unit, bandwidths in bytes per that unit.
/// </summary>
public sealed record StepCosts
{
    private readonly int _ranksPerNode = int.MaxValue;
    private readonly double _activationBytes;
    private readonly double? _gradientBytes;

    /// <summary>The same costs on every stage.</summary>
    public StepCosts(StageCosts everyStage) => Stages = [everyStage];

    /// <summary>Costs of their own for each stage: [stages], or [1] for all of them.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public StepCosts(ImmutableArray<StageCosts> stages) => Stages = Given(stages);

    /// <summary>The costs of each stage: [stages], or [1] where they are the same on every stage.</summary>
    public ImmutableArray<StageCosts> Stages { get; private init; }

    /// <summary>The link between two ranks, or only of ranks in one node where <see cref="RanksPerNode"/> is set.</summary>
    public LinkCosts Link { get; init; } = LinkCosts.Free;

    /// <summary>The link between ranks in different nodes.</summary>
    public LinkCosts LinkBetweenNodes { get; init; } = LinkCosts.Free;

    /// <summary>Ranks of a node, at least 1: rank r is in node r / this. By default all are in one node.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int RanksPerNode
    {
        get => _ranksPerNode;
        init => _ranksPerNode = value >= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A node has at least 1 rank.");
    }

    /// <summary>Bytes that a forward sends to the next stage; 0 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, infinite or not a number.</exception>
    public double ActivationBytes
    {
        get => _activationBytes;
        init => _activationBytes = Durations.Valid(value, nameof(value));
    }

    /// <summary>Bytes that a backward sends to the stage before; those of a forward where it is not set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, infinite or not a number.</exception>
    public double GradientBytes
    {
        get => _gradientBytes ?? _activationBytes;
        init => _gradientBytes = Durations.Valid(value, nameof(value));
    }

    /// <summary>Whether all stages cost the same.</summary>
    public bool IsUniform => Stages.AsSpan().IndexOfAnyExcept(Stages[0]) < 0;

    /// <summary>Whether sending takes no time at all.</summary>
    public bool IsSendingFree => IsFree(Link) && (RanksPerNode == int.MaxValue || IsFree(LinkBetweenNodes));

    /// <summary>The same costs on every stage and a latency between any two ranks.</summary>
    public static implicit operator StepCosts(ActionCosts costs)
        => new(costs.Stage) { Link = costs.SendLatency == 0 ? LinkCosts.Free : new LinkCosts(costs.SendLatency) };

    /// <summary>The same links and bytes with other costs of stages: [stages], or [1] for all of them.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public StepCosts WithStages(ImmutableArray<StageCosts> stages) => this with { Stages = Given(stages) };

    /// <summary>The costs of a stage.</summary>
    public StageCosts OfStage(int stage) => Stages.Length == 1 ? Stages[0] : Stages[stage];

    /// <summary>
    /// What an action takes. A pair of two stages takes, of the forward's stage, the part F / (F + B) of its pair and, of the backward's
    /// stage, the rest of its pair.
    /// </summary>
    public double Of(in StageAction action)
    {
        if (Stages.Length == 1)
        {
            return Stages[0].Of(action.Kind);
        }

        return action.IsPair
            ? StageCosts.PairOf(Stages[action.Stage], Stages[action.BackwardPart.Stage])
            : Stages[action.Stage].Of(action.Kind);
    }

    /// <summary>The link over which one rank sends to another.</summary>
    public LinkCosts LinkOf(int from, int to) => from / RanksPerNode == to / RanksPerNode ? Link : LinkBetweenNodes;

    private static ImmutableArray<StageCosts> Given(ImmutableArray<StageCosts> stages)
        => stages.IsDefaultOrEmpty ? throw new ArgumentException("costs of at least one stage are needed") : stages;

    // A transfer without bytes occupies no link, whatever the bandwidth.
    private bool IsFree(LinkCosts link)
        => link.Latency == 0 && (double.IsInfinity(link.Bandwidth) || (ActivationBytes == 0 && GradientBytes == 0));
}
