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

    /// <summary>Why the schedule does not exist for a size: the broken rule and the nearest valid value, one line; null where it exists.</summary>
    string? Refuse(PipelineSize size);

    /// <summary>Makes the timetable.</summary>
    /// <exception cref="ArgumentException">The schedule does not exist for the size; the message is that of <see cref="Refuse"/>.</exception>
    Timetable Create(PipelineSize size);
}
