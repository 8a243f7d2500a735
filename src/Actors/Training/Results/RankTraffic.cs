using Actors.Runtime.Cluster.Serialization;
using MemoryPack;

namespace Actors.Runtime.Training.Results;

/// <summary>What a rank, or several, have moved since their start.</summary>
/// <param name="Slow">Rows of dispatch and combine that crossed to another node.</param>
/// <param name="Fast">Those copied or read inside a node.</param>
/// <param name="Frames">Pipeline rows, gradients and values that went to another memory domain; a message a frame.</param>
[MemoryPackable]
public sealed partial record RankTraffic(RowTraffic Slow, RowTraffic Fast, RowTraffic Frames) : IControlMessage
{
    /// <summary>The sums of both.</summary>
    public static RankTraffic operator +(RankTraffic a, RankTraffic b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return new RankTraffic(a.Slow + b.Slow, a.Fast + b.Fast, a.Frames + b.Frames);
    }
}
