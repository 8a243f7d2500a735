using System.Collections.Immutable;

namespace Actors.Schedules.Timing;

/// <summary>
/// A chain of actions and transfers from the step's start to its end without a gap, so that its durations add up to the step time: to
/// shorten the step, one of them has to become shorter. Where there are several, the one that stays longest on its rank, seen from the end.
/// </summary>
public sealed class CriticalPath
{
    internal CriticalPath(ImmutableArray<PathSegment> segments)
    {
        Segments = segments;
        for (var i = 0; i < segments.Length; i++)
        {
            ComputeTime += segments[i].IsTransfer ? 0 : segments[i].Duration;
            TransferTime += segments[i].IsTransfer ? segments[i].Duration : 0;
            RankSwitches += i > 0 && segments[i].Rank != segments[i - 1].Rank ? 1 : 0;
        }
    }

    /// <summary>The stretches in order of time; each starts exactly when the one before it ends, the first at 0.</summary>
    public ImmutableArray<PathSegment> Segments { get; }

    /// <summary>Time on the path in which a rank computes.</summary>
    public double ComputeTime { get; }

    /// <summary>Time on the path in which something is under way.</summary>
    public double TransferTime { get; }

    /// <summary>How often the path goes on to another rank.</summary>
    public int RankSwitches { get; }

    /// <summary>Time on the path of actions of one kind.</summary>
    public double TimeOf(ActionKind kind)
    {
        var time = 0.0;
        foreach (var segment in Segments)
        {
            time += !segment.IsTransfer && segment.Action.Kind == kind ? segment.Duration : 0;
        }

        return time;
    }
}
