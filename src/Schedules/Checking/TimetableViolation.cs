namespace Actors.Schedules.Checking;

/// <summary>One rule that a timetable breaks, with the place.</summary>
/// <param name="Rule">The broken rule.</param>
/// <param name="Rank">The rank at fault; for a missing action, the rank that should play it.</param>
/// <param name="Position">Index in the rank's list, from 0, sends and receives counted; −1 for an action that is missing.</param>
/// <param name="Action">The action at fault, or the missing one.</param>
/// <param name="Message">One line for people, without the place.</param>
public readonly record struct TimetableViolation(ScheduleRule Rule, int Rank, int Position, StageAction Action, string Message)
{
    /// <summary>The place, the action, the message and the rule, in one line.</summary>
    public override string ToString()
        => Position < 0
            ? $"rank {Rank}: {Action} {Message} [{Rule}]"
            : $"rank {Rank} position {Position}: {Action} {Message} [{Rule}]";
}
