namespace Actors.Schedules.Generators;

/// <summary>
/// The stages of a rank in a looped placement, in the order in which their chunks come: forwards round by round from the rank's first
/// stage to its last, backwards round by round from its last to its first.
/// </summary>
internal sealed class InterleavedLanes
{
    private readonly Lane[] _lanes;
    private readonly int _roundLength;
    private int _forwards;
    private int _backwards;

    public InterleavedLanes(int rank, int ranks, int stagesPerRank, int roundLength)
    {
        _roundLength = roundLength;
        _lanes = new Lane[stagesPerRank];
        for (var i = 0; i < stagesPerRank; i++)
        {
            _lanes[i] = new Lane(rank + (i * ranks), firstMicroBatch: 0);
        }
    }

    /// <summary>The one stage of a rank in a straight placement.</summary>
    public static InterleavedLanes OfOneStage(int rank) => new(rank, ranks: 1, stagesPerRank: 1, roundLength: 1);

    public Lane NextForward() => _lanes[LaneOf(_forwards++)];

    public Lane NextBackward() => _lanes[_lanes.Length - 1 - LaneOf(_backwards++)];

    private int LaneOf(int chunk) => chunk / _roundLength % _lanes.Length;
}
