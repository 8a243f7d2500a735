namespace Actors.Schedules.Traces;

/// <summary>One action of a traced step; times in milliseconds.</summary>
/// <param name="Step">Number of the step.</param>
/// <param name="Group">The copy of the pipeline that the rank belongs to.</param>
/// <param name="Rank">Pipeline rank.</param>
/// <param name="Position">Place in the rank's list.</param>
/// <param name="Action">What was played.</param>
/// <param name="Start">Start, once its input had come.</param>
/// <param name="End">End.</param>
/// <param name="Weights">Time of it in which weight gradients were computed.</param>
internal readonly record struct MeasuredAction(
    int Step, (int DataGroup, int ExpertRank) Group, int Rank, int Position, StageAction Action, double Start, double End, double Weights)
{
    public double Duration => End - Start;
}
