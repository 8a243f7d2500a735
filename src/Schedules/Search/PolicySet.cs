namespace Actors.Schedules.Search;

/// <summary>
/// The policies that every search tries, in proportion to times: as many chunks in flight as are needed, and up to as many as memory allows;
/// as many W owed as fill the end, and as many as memory allows; from patient to eager. What wins most often on random pipelines comes
/// first, and what needs less memory before what needs more.
/// </summary>
internal static class PolicySet
{
    private static readonly double[] Ahead = [1, 1.5, 2, 3, double.PositiveInfinity];
    private static readonly double[] Owing = [1, double.PositiveInfinity];
    private static readonly double[] Gaps = [0.25, 0, 0.5, 1];

    public static IEnumerable<ListPolicy> For(StraightPipeline pipeline)
    {
        foreach (var gap in Gaps)
        {
            foreach (var owing in Owing)
            {
                foreach (var ahead in Ahead)
                {
                    yield return ListPolicy.InProportion(pipeline, ahead, owing, gap, prefersForward: false);
                    yield return ListPolicy.InProportion(pipeline, ahead, owing, gap, prefersForward: true);
                }
            }
        }
    }
}
