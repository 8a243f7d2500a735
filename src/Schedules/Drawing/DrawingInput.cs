using Actors.Schedules.Timing;

namespace Actors.Schedules.Drawing;

/// <summary>Timed computations checked against a placement, with the span that they cover. Sends and receives are not drawn.</summary>
internal sealed class DrawingInput
{
    private readonly bool[] _kinds = new bool[(int)ActionKind.Pair + 1];
    private readonly double[] _busy;

    public DrawingInput(IReadOnlyList<TimedAction> actions, Placement placement)
    {
        ArgumentNullException.ThrowIfNull(actions);
        ArgumentNullException.ThrowIfNull(placement);
        Actions = actions.Any(timed => timed.Action.IsCommunication) ? [.. actions.Where(timed => !timed.Action.IsCommunication)] : actions;
        Placement = placement;
        Lanes = new DrawingLanes(placement);
        Start = double.PositiveInfinity;
        ShortestAction = double.PositiveInfinity;
        _busy = new double[placement.Ranks];
        var end = double.NegativeInfinity;
        foreach (var timed in Actions)
        {
            Validate(timed);
            Note(timed.Action);
            Start = Math.Min(Start, timed.Start);
            end = Math.Max(end, timed.End);
            ShortestAction = timed.End > timed.Start ? Math.Min(ShortestAction, timed.End - timed.Start) : ShortestAction;
            _busy[timed.Rank] += timed.End - timed.Start;
        }

        if (Actions.Count == 0)
        {
            Start = end = 0;
        }

        Span = end - Start;
        ShortestAction = Math.Min(ShortestAction, Span);
    }

    public IReadOnlyList<TimedAction> Actions { get; }

    public Placement Placement { get; }

    public DrawingLanes Lanes { get; }

    /// <summary>The earliest start; drawings begin here.</summary>
    public double Start { get; }

    /// <summary>From the earliest start to the latest end.</summary>
    public double Span { get; }

    /// <summary>The shortest duration that is not 0.</summary>
    public double ShortestAction { get; }

    /// <summary>Whether a kind of work occurs, alone or within a pair.</summary>
    public bool Has(ActionKind kind) => _kinds[(int)kind];

    /// <summary>Share of the span in which a rank has no action, 0 to 1.</summary>
    public double BubbleFractionOf(int rank) => Span > 0 ? Math.Max(0, 1 - _busy[rank] / Span) : 0;

    private void Note(in StageAction action)
    {
        _kinds[(int)action.Kind] = true;
        if (action.IsPair)
        {
            _kinds[(int)ActionKind.Forward] = true;
            _kinds[(int)ActionKind.Backward] = true;
        }
    }

    private void Validate(in TimedAction timed)
    {
        if ((uint)timed.Rank >= (uint)Placement.Ranks)
        {
            throw new ArgumentException($"{timed.Action} stands on rank {timed.Rank}, but ranks go from 0 to {Placement.Ranks - 1}");
        }

        if (!double.IsFinite(timed.Start) || !double.IsFinite(timed.End) || timed.End < timed.Start)
        {
            throw new ArgumentException(
                $"{timed.Action} of rank {timed.Rank} goes from {timed.Start} to {timed.End}: "
                + "times are finite and the end is not before the start");
        }

        var backward = timed.Action.IsPair ? timed.Action.BackwardPart : timed.Action;
        if (Math.Max(timed.Action.MicroBatch, backward.MicroBatch) >= Placement.MicroBatches)
        {
            throw new ArgumentException(
                $"{timed.Action} of rank {timed.Rank} names a micro-batch beyond the placement's last, {Placement.MicroBatches - 1}");
        }

        if (Math.Max(timed.Action.Stage, backward.Stage) >= Placement.Stages)
        {
            throw new ArgumentException(
                $"{timed.Action} of rank {timed.Rank} names a stage beyond the placement's last, {Placement.Stages - 1}");
        }
    }
}
