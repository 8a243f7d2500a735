namespace Actors.Schedules.Comparison;

/// <summary>What is the same for all schedules of a comparison. The model always is, and so is the work of a micro-batch.</summary>
public enum EqualBy
{
    /// <summary>
    /// The cut of the model: PP stages, which take the same for every schedule. A schedule that puts v stages on a rank then needs PP/v
    /// ranks only, as in the published tables (DualPipeV: PP/2 devices). Rank time tells which uses its ranks better.
    /// </summary>
    Stages,

    /// <summary>
    /// The ranks: as many for every schedule. One that puts v stages on a rank cuts the model v times as finely, and each of its stages
    /// takes a v-th. Step time tells which is faster.
    /// </summary>
    Ranks,
}
