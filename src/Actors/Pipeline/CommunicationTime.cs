namespace Actors.Runtime.Pipeline;

/// <summary>How long rows for a rank were under way, in ticks of the run's clock.</summary>
/// <param name="Total">From the start of the last rank that sends to the last row; journeys at the same time count once.</param>
/// <param name="Hidden">The part of it in which the rank computed.</param>
public readonly record struct CommunicationTime(long Total, long Hidden)
{
    /// <summary>The sums of both.</summary>
    public static CommunicationTime operator +(CommunicationTime a, CommunicationTime b) => new(a.Total + b.Total, a.Hidden + b.Hidden);

    /// <summary>The part that the rank computed in, 0 to 1; null where nothing was under way.</summary>
    public double? HiddenShare => Total > 0 ? (double)Hidden / Total : null;
}
