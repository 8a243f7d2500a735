namespace Actors.Schedules.Checking;

/// <summary>The rules that a timetable obeys.</summary>
public enum ScheduleRule
{
    /// <summary>Every action names a stage and a micro-batch of the timetable.</summary>
    InRange,

    /// <summary>A chunk is played by the rank that holds its stage for its micro-batch.</summary>
    HeldByRank,

    /// <summary>No forward, backward for input, backward for weights, full backward, send or receive of a chunk happens twice.</summary>
    Once,

    /// <summary>A chunk's backward is either one B, or one I and one W, not a mix.</summary>
    OneKindOfBackward,

    /// <summary>A stage's forwards and backwards name the same micro-batches, and do not begin at different numbers.</summary>
    NumberedAlike,

    /// <summary>
    /// Every chunk has its forward and, unless the timetable is forward-only, its whole backward. A timetable with communication has a send
    /// and a receive wherever a result goes from rank to rank.
    /// </summary>
    Complete,

    /// <summary>A forward-only timetable has no backward.</summary>
    ForwardOnly,

    /// <summary>
    /// Nothing comes before what it needs in its own rank's list, and what it needs is played by some rank: F before I or B, I before W, a
    /// result before its send, a receive before the computation that needs it.
    /// </summary>
    AfterItsInputs,

    /// <summary>A send or receive moves what another rank needs; within a rank and at the pipeline's ends nothing is sent.</summary>
    BetweenRanks,

    /// <summary>What arrives from a rank is received in the order in which that rank sends it.</summary>
    ReceivedInOrder,

    /// <summary>No ranks wait for each other in a circle, for computations or for sends and receives.</summary>
    NoDeadlock,
}
