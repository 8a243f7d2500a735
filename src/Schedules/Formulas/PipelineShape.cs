namespace Actors.Schedules.Formulas;

/// <summary>What formulas are about.</summary>
/// <param name="Ranks">Number of pipeline ranks, N.</param>
/// <param name="Stages">Number of stages that a micro-batch passes, PP.</param>
/// <param name="MicroBatches">Number of micro-batches of a step, over all directions, M.</param>
public readonly record struct PipelineShape(int Ranks, int Stages, int MicroBatches)
{
    /// <summary>Stages of a rank in one direction, v.</summary>
    public int StagesPerRank => Stages / Ranks;

    /// <summary>That of a timetable.</summary>
    public static PipelineShape Of(Timetable timetable)
    {
        ArgumentNullException.ThrowIfNull(timetable);
        return new PipelineShape(timetable.Ranks, timetable.Stages, timetable.MicroBatches);
    }
}
