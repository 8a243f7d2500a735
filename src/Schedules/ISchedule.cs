namespace Actors.Schedules;

/// <summary>A pipeline schedule: makes the timetable of one step for a number of ranks and micro-batches.</summary>
public interface ISchedule
{
    /// <summary>Name on the command line and in configuration, lower case.</summary>
    string Name { get; }

    /// <summary>One line for people: what the schedule does.</summary>
    string Summary { get; }

    /// <summary>One line for people: for which sizes it exists.</summary>
    string Constraint { get; }

    /// <summary>
    /// Number of stages that a rank holds in one direction: the only one, or where <see cref="TakesStagesPerRank"/> the one that is taken
    /// when the size names none. A micro-batch passes this many times the ranks. 1 unless the schedule says otherwise.
    /// </summary>
    int StagesPerRank => 1;

    /// <summary>Whether the size may name another number of stages per rank; false unless the schedule says otherwise.</summary>
    bool TakesStagesPerRank => false;

    /// <summary>
    /// Number of directions in which micro-batches pass the ranks. Each has all stages, so that with two every stage lives on two ranks.
    /// 1 unless the schedule says otherwise.
    /// </summary>
    int Directions => 1;

    /// <summary>Whether a rank plays a forward and a backward as an overlapped pair where the size allows it. False unless the schedule says otherwise.</summary>
    bool OverlapsPairs => false;

    /// <summary>Why there is no such timetable; null where there is.</summary>
    SizeRefusal? Refuse(PipelineSize size);

    /// <summary>Makes the timetable.</summary>
    /// <exception cref="ArgumentException">There is none for the size; the message is the rule of <see cref="Refuse"/>.</exception>
    Timetable Create(PipelineSize size);
}
