using Actors.Schedules.Evaluation;

namespace Actors.Schedules.Comparison;

/// <summary>What a timetable takes, in numbers: times in the unit of the costs, memory in that of the memory costs, of the fullest rank.</summary>
public sealed record ScheduleFigures
{
    private ScheduleFigures()
    {
    }

    /// <summary>Number of ranks, one a device.</summary>
    public required int Ranks { get; init; }

    /// <summary>Number of stages that a micro-batch passes.</summary>
    public required int Stages { get; init; }

    /// <summary>Number of micro-batches of the step.</summary>
    public required int MicroBatches { get; init; }

    /// <summary>Time of the step.</summary>
    public required double StepTime { get; init; }

    /// <summary>
    /// Time that all ranks together spend for one micro-batch, step time × ranks / micro-batches: the measure that is fair between other
    /// numbers of ranks and of micro-batches. The least that it can be is the time of a micro-batch through the whole model.
    /// </summary>
    public double RankTime => StepTime * Ranks / MicroBatches;

    /// <summary>Share of all ranks' time that is bubble, 0 to 1.</summary>
    public required double BubbleFraction { get; init; }

    /// <summary>Share of all ranks' time that is exposed communication, 0 to 1; a part of the bubble.</summary>
    public required double ExposedCommunicationFraction { get; init; }

    /// <summary>The most chunks whose activations a rank holds at once; a chunk is one micro-batch at one stage of this schedule's cut.</summary>
    public required int PeakChunks { get; init; }

    /// <summary>The most memory that activations take on a rank.</summary>
    public required double PeakActivations { get; init; }

    /// <summary>The most memory that parameters take on a rank.</summary>
    public required double Parameters { get; init; }

    /// <summary>Those of an evaluated timetable.</summary>
    public static ScheduleFigures Of(ScheduleEvaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        return new ScheduleFigures
        {
            Ranks = evaluation.Timetable.Ranks,
            Stages = evaluation.Timetable.Stages,
            MicroBatches = evaluation.Timetable.MicroBatches,
            StepTime = evaluation.Run.StepTime,
            BubbleFraction = evaluation.Run.BubbleFraction,
            ExposedCommunicationFraction = evaluation.Run.ExposedCommunicationFraction,
            PeakChunks = evaluation.PeakChunks,
            PeakActivations = evaluation.PeakActivations,
            Parameters = evaluation.Parameters,
        };
    }
}
