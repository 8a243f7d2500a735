namespace Actors.Schedules.Checking;

/// <summary>The rules that a timetable obeys.</summary>
public enum ScheduleRule
{
    /// <summary>Every action names a stage and a micro-batch of the timetable.</summary>
    InRange,

    /// <summary>A chunk is played by the rank that holds its stage for its micro-batch.</summary>
    HeldByRank,

    /// <summary>No forward, backward for input, backward for weights or full backward of a chunk happens twice.</summary>
    Once,

    /// <summary>A chunk's backward is either one B, or one I and one W, not a mix.</summary>
    OneKindOfBackward,

    /// <summary>Every chunk has its forward and, unless the timetable is forward-only, its whole backward.</summary>
    Complete,

    /// <summary>A forward-only timetable has no backward.</summary>
    ForwardOnly,

    /// <summary>Nothing comes before what it needs in its own rank's list, and what it needs is played by some rank.</summary>
    AfterItsInputs,

    /// <summary>No ranks wait for each other in a circle.</summary>
    NoDeadlock,
}
