namespace Actors.Schedules.Timing;

/// <summary>One stretch of a critical path: an action on a rank, or a transfer between two.</summary>
/// <param name="Rank">The rank that computes or sends.</param>
/// <param name="Receiver">The rank that receives; <paramref name="Rank"/> itself where this is an action.</param>
/// <param name="Action">The action; of a transfer, the F, I or B whose result is sent.</param>
/// <param name="Start">Start, the end of the stretch before it, or 0.</param>
/// <param name="End">End.</param>
public readonly record struct PathSegment(int Rank, int Receiver, StageAction Action, double Start, double End)
{
    /// <summary>Whether this is a transfer.</summary>
    public bool IsTransfer => Rank != Receiver;

    /// <summary>How long it takes.</summary>
    public double Duration => End - Start;
}
