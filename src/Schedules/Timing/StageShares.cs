namespace Actors.Schedules.Timing;

/// <summary>
/// The same model cut into another number of stages: each of them gets its even share of the whole. Stage s of S has what the given stages
/// have from s/S to (s+1)/S of the way.
/// </summary>
internal static class StageShares
{
    /// <summary>What a stage of the new cut has.</summary>
    /// <param name="stage">The stage, from 0.</param>
    /// <param name="stages">Stages of the new cut, S.</param>
    /// <param name="given">Stages of the given cut.</param>
    /// <param name="valueOf">What a stage of the given cut has.</param>
    public static double Of(int stage, int stages, int given, Func<int, double> valueOf)
    {
        var (from, to) = ((double)stage * given / stages, (stage + 1.0) * given / stages);
        var sum = 0.0;
        for (var old = (int)from; old < given && old < to; old++)
        {
            sum += valueOf(old) * (Math.Min(to, old + 1) - Math.Max(from, old));
        }

        return sum;
    }
}
